#include "bridge/kafka/usable.hpp"

#include <stdexcept>

#include "bridge/kafka/kafka.hpp"
#include "bridge/kafka/properties.hpp"

namespace weather::bridge {

std::string client_fault(Properties properties) {
  if (const auto login = oauth::read_settings(properties); !login) return login.error();
  properties.erase("bootstrap.servers");  // it makes no connection
  properties.erase("metadata.broker.list");
  // These ask for a login as soon as the client is there, which may take as long as the network likes.
  const auto mechanism =
      properties.contains("sasl.mechanism") ? properties["sasl.mechanism"] : properties["sasl.mechanisms"];
  if (mechanism.empty()) properties.erase("sasl.mechanisms");
  if (mechanism.empty() || lower(mechanism) == "oauthbearer" || mechanism == "GSSAPI") {
    auto& protocol = properties["security.protocol"];
    if (protocol.empty()) protocol = "plaintext";
    for (const auto* secure : {"SASL_", "sasl_"})
      if (protocol.starts_with(secure)) protocol.erase(0, 5);
  }
  try {
    auto conf = kafka::make_conf(properties);
    rd_kafka_conf_set_log_cb(conf.get(), nullptr);
    const auto client = kafka::make_client(RD_KAFKA_PRODUCER, std::move(conf));
    return {};
  } catch (const std::runtime_error& error) {
    return error.what();
  }
}

}  // namespace weather::bridge
