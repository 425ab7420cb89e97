#include "bridge/kafka/java_client.hpp"

#include <map>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "bridge/kafka/settings.hpp"

namespace weather::bridge {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

struct Pasted {
  explicit Pasted(std::string_view text) {
    const auto parsed = parse_properties(text);
    if (!parsed) ADD_FAILURE() << describe(parsed.error(), "pasted");
    if (parsed) taken = from_java(*parsed);
    for (const auto& one : taken.properties) is[one.key] = one.value;
    if (taken.errors.empty()) {
      EXPECT_EQ(describe(check_properties(taken.properties, Client::forwarder), "pasted"), "");
    }
  }
  std::string error() const { return taken.errors.empty() ? "" : taken.errors.front().text; }
  TakenOver taken;
  std::map<std::string, std::string> is;
};

// As the console of Confluent Cloud gives it for Java.
TEST(JavaClient, ConfluentCloud) {
  const Pasted pasted(R"(# Required connection configs for Kafka producer, consumer, and admin
bootstrap.servers=pkc-12345.eu-central-1.aws.confluent.cloud:9092
security.protocol=SASL_SSL
sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required username='ABCDEF' password='x\u003dy"z';
sasl.mechanism=PLAIN
# Required for correctness in Apache Kafka clients prior to 2.6
client.dns.lookup=use_all_dns_ips
session.timeout.ms=45000
acks=all
client.id=ccloud-java-client-1
# Required connection configs for Confluent Cloud Schema Registry
schema.registry.url=https://psrc-1.eu-central-1.aws.confluent.cloud
basic.auth.credentials.source=USER_INFO
basic.auth.user.info=KEY:SECRET
)");
  EXPECT_EQ(pasted.error(), "");
  EXPECT_EQ(pasted.is.at("sasl.username"), "ABCDEF");
  EXPECT_EQ(pasted.is.at("sasl.password"), "x=y\"z");
  EXPECT_EQ(pasted.is.at("sasl.mechanism"), "PLAIN");
  EXPECT_EQ(pasted.taken.registry.url, "https://psrc-1.eu-central-1.aws.confluent.cloud");
  EXPECT_EQ(pasted.taken.registry.username, "KEY");
  EXPECT_EQ(pasted.taken.registry.password, "SECRET");
}

TEST(JavaClient, StrimziWithScramAndPem) {
  const Pasted pasted(R"(bootstrap.servers=my-cluster-kafka-bootstrap:9093
security.protocol=SASL_SSL
sasl.mechanism=SCRAM-SHA-512
sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required \
    username="my-user" \
    password="p\\"q";
ssl.truststore.type=PEM
ssl.truststore.certificates=-----BEGIN CERTIFICATE----- AAAA BBBB -----END CERTIFICATE-----
key.serializer=org.apache.kafka.common.serialization.StringSerializer
value.serializer=org.apache.kafka.common.serialization.StringSerializer
)");
  EXPECT_EQ(pasted.error(), "");
  EXPECT_EQ(pasted.is.at("sasl.username"), "my-user");
  EXPECT_EQ(pasted.is.at("sasl.password"), "p\"q");
  EXPECT_EQ(pasted.is.at("ssl.ca.pem"),
            "-----BEGIN CERTIFICATE-----\nAAAA\nBBBB\n-----END CERTIFICATE-----\n");
  EXPECT_THAT(pasted.taken.passed_over, ElementsAre("key.serializer", "value.serializer"));
  EXPECT_EQ(passed_over_text(pasted.taken),
            ": of the Java client and passed over: key.serializer, value.serializer");
}

// What `kubectl get secret` gives: PKCS#12. The key store is taken as it is, the trust store is one command.
TEST(JavaClient, StrimziWithClientCertificates) {
  const Pasted pasted(R"(bootstrap.servers=my-cluster-kafka-bootstrap:9093
security.protocol=SSL
ssl.truststore.location=/etc/ca.p12
ssl.truststore.password=secret
ssl.truststore.type=PKCS12
ssl.keystore.location=/etc/user.p12
ssl.keystore.password=secret2
ssl.keystore.type=PKCS12
)");
  ASSERT_EQ(pasted.taken.errors.size(), 1U);
  EXPECT_EQ(pasted.taken.errors[0].line, 3U);
  EXPECT_THAT(pasted.error(), HasSubstr("keytool -list -rfc -keystore /etc/ca.p12 > ca.pem"));
  EXPECT_EQ(pasted.error().find("secret"), std::string::npos);
  EXPECT_EQ(pasted.is.at("ssl.keystore.location"), "/etc/user.p12");
  EXPECT_EQ(pasted.is.at("ssl.keystore.password"), "secret2");
}

TEST(JavaClient, RedpandaAndEventHubs) {
  const Pasted redpanda(R"(bootstrap.servers=seed-1.fmc.prd.cloud.redpanda.com:9092
security.protocol=SASL_SSL
sasl.mechanism=SCRAM-SHA-256
sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required username="u" password="p";
)");
  EXPECT_EQ(redpanda.error(), "");
  const Pasted hubs(R"(bootstrap.servers=NAME.servicebus.windows.net:9093
security.protocol=SASL_SSL
sasl.mechanism=PLAIN
sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required username="$ConnectionString" password="Endpoint=sb://NAME.servicebus.windows.net/;SharedAccessKeyName=k;SharedAccessKey=abc=";
)");
  EXPECT_EQ(hubs.error(), "");
  EXPECT_EQ(hubs.is.at("sasl.username"), "$ConnectionString");
  EXPECT_EQ(hubs.is.at("sasl.password"),
            "Endpoint=sb://NAME.servicebus.windows.net/;SharedAccessKeyName=k;SharedAccessKey=abc=");
}

TEST(JavaClient, AivenWithKeyStores) {
  const Pasted pasted(R"(security.protocol=SSL
ssl.keystore.type=PKCS12
ssl.keystore.location=client.keystore.p12
ssl.keystore.password=secret
ssl.key.password=secret
ssl.truststore.location=client.truststore.jks
ssl.truststore.password=secret
ssl.endpoint.identification.algorithm=
)");
  ASSERT_EQ(pasted.taken.errors.size(), 1U);
  EXPECT_THAT(pasted.error(), HasSubstr("keytool -list -rfc -keystore client.truststore.jks > ca.pem"));
  EXPECT_EQ(pasted.is.at("ssl.endpoint.identification.algorithm"), "none");
}

// As AWS's documentation of MSK hands it out.
TEST(JavaClient, MskByIam) {
  constexpr auto base =
      "security.protocol=SASL_SSL\nsasl.mechanism=AWS_MSK_IAM\n"
      "sasl.client.callback.handler.class=software.amazon.msk.auth.iam.IAMClientCallbackHandler\n";
  const Pasted plain(base +
                     std::string("sasl.jaas.config=software.amazon.msk.auth.iam.IAMLoginModule required;\n"));
  EXPECT_EQ(plain.is.at("sasl.mechanism"), "OAUTHBEARER");
  EXPECT_EQ(plain.is.at("sasl.oauthbearer.method"), "aws_msk_iam");
  const Pasted profile(base +
                       std::string("sasl.jaas.config=software.amazon.msk.auth.iam.IAMLoginModule required "
                                   "awsProfileName=\"pi\";\n"));
  EXPECT_EQ(profile.is.at("sasl.oauthbearer.aws.profile"), "pi");
  EXPECT_THAT(
      Pasted(base + std::string("sasl.jaas.config=software.amazon.msk.auth.iam.IAMLoginModule required "
                                "awsRoleArn=\"arn:aws:iam::1:role/x\";\n"))
          .error(),
      HasSubstr("asks for a role (awsRoleArn): give a profile"));
}

TEST(JavaClient, WhatCannotBeReadSaysWhatToDo) {
  EXPECT_THAT(Pasted("ssl.keystore.location=/etc/kafka.client.keystore.jks\n").error(),
              HasSubstr("-srckeystore /etc/kafka.client.keystore.jks -destkeystore client.p12"));
}

TEST(JavaClient, OAuthBearer) {
  const auto parsed = parse_properties(
      R"(sasl.jaas.config=org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule required clientId='id' clientSecret='s' scope='a b' extension_logicalCluster='lkc-1' extension_identityPoolId='pool-1';
sasl.login.callback.handler.class=org.apache.kafka.common.security.oauthbearer.secured.OAuthBearerLoginCallbackHandler
)");
  ASSERT_TRUE(parsed);
  const auto taken = from_java(*parsed);
  EXPECT_THAT(taken.errors, IsEmpty());
  std::map<std::string, std::string> is;
  for (const auto& one : taken.properties) is[one.key] = one.value;
  EXPECT_EQ(is.at("sasl.mechanisms"), "OAUTHBEARER");
  EXPECT_EQ(is.at("sasl.oauthbearer.client.id"), "id");
  EXPECT_EQ(is.at("sasl.oauthbearer.scope"), "a b");
  EXPECT_EQ(is.at("sasl.oauthbearer.extensions"), "logicalCluster=lkc-1,identityPoolId=pool-1");
}

// As Strimzi's documentation has it.
TEST(JavaClient, StrimzisOAuthBearer) {
  const Pasted pasted(
      "sasl.mechanism=OAUTHBEARER\nsasl.jaas.config=org.apache.kafka.common.security.oauthbearer."
      "OAuthBearerLoginModule required "
      "oauth.client.id='pi' oauth.client.secret='s' oauth.token.endpoint.uri='https://id/token' "
      "oauth.audience='kafka';\n"
      "sasl.login.callback.handler.class=io.strimzi.kafka.oauth.client."
      "JaasClientOauthLoginCallbackHandler\n");
  EXPECT_EQ(pasted.is.at("sasl.oauthbearer.token.endpoint.url"), "https://id/token");
  EXPECT_EQ(pasted.is.at("sasl.oauthbearer.client.id"), "pi");
  EXPECT_EQ(pasted.is.at("sasl.oauthbearer.parameters"), "audience=kafka");
}

TEST(JavaClient, AnUnsecuredTokenStaysLibrdkafkas) {
  const Pasted pasted(
      "sasl.jaas.config=org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule required "
      "unsecuredLoginStringClaim_sub='admin';\n");
  EXPECT_EQ(pasted.is.at("enable.sasl.oauthbearer.unsecure.jwt"), "true");
  EXPECT_EQ(pasted.is.at("sasl.oauthbearer.config"), "principal=admin");
}

// What is there for librdkafka already stays as it is.
TEST(JavaClient, OursGoesBeforeWhatIsMadeOfTheirs) {
  const Pasted pasted(
      "sasl.username=mine\nsasl.mechanisms=PLAIN\nmax.request.size=1000000\n"
      "sasl.jaas.config=a.PlainLoginModule required username=\"theirs\" password=\"p\";\n");
  EXPECT_EQ(pasted.is.at("sasl.username"), "mine");
  EXPECT_EQ(pasted.is.at("sasl.password"), "p");
  EXPECT_EQ(pasted.is.at("message.max.bytes"), "1000000");
}

TEST(JavaClient, AJaasEntryOfAnyBytesIsAnErrorOrOptions) {
  for (const std::string_view text : {"", ";", "a", "a.B", "a.B required x",
                                      "a.B required x=", "a.B required x='", "a.B =\"", "a.B \" y=z"})
    for (const auto& [name, value] : parse_jaas(text)) EXPECT_TRUE(!name.empty() || value.empty()) << text;
  EXPECT_THAT(Pasted("sasl.jaas.config=nonsense\n").error(), HasSubstr("is no JAAS entry"));
}

}  // namespace
}  // namespace weather::bridge
