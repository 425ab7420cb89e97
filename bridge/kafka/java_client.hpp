// A client.properties that was written for the Java client, as Kafka services hand it out, as librdkafka's
// settings. Pure.
//
//   sasl.jaas.config   Plain-, Scram- and OAuthBearerLoginModule: user, password, client id, secret, scope;
//                      MSK's IAMLoginModule: the profile
//   ssl.truststore.*   PEM: ssl.ca.location, ssl.ca.pem       ssl.keystore.*   PEM, PKCS#12
//   schema.registry.*  kept apart: they are no client's        serializers, pools, ...: passed over, and
//   noted
// What cannot be taken over (JKS, Kerberos, a role of AWS) is an error that says what to do.
#pragma once

#include <string>
#include <vector>

#include "bridge/kafka/properties.hpp"

namespace weather::bridge {

struct RegistryAccess {
  std::string url, username, password;  // url empty: the file says of none
};

struct TakenOver {
  std::vector<Property> properties;  // lines are those of what they were made of
  RegistryAccess registry;
  std::vector<std::string> passed_over;  // names that mean nothing here
  std::vector<PropertyError> errors;
};
TakenOver from_java(const std::vector<Property>& properties);

// ": of the Java client and passed over: key.serializer, ..."; empty if there are none.
std::string passed_over_text(const TakenOver& taken);

// The options of "module.Class required key=\"value\" ...;" and, as "module", the class without its package.
// Empty: it is none.
std::vector<std::pair<std::string, std::string>> parse_jaas(std::string_view text);

}  // namespace weather::bridge
