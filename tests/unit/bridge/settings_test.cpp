#include "bridge/kafka/settings.hpp"

#include <gtest/gtest.h>

#include "bridge/kafka/client_settings.hpp"
#include "bridge/kafka/kafka.hpp"
#include "bridge/kafka/profiles.hpp"
#include "bridge/kafka/proxied.hpp"
#include "bridge/kafka/setting_names.hpp"
#include "bridge/kafka/usable.hpp"

namespace weather::bridge {
namespace {

constexpr int v2_0_2 = 0x020002ff;
constexpr int v2_8_0 = 0x020800ff;

std::string problem(const std::string& key, const std::string& value, Client client = Client::forwarder) {
  const auto problems = check_properties(Properties{{key, value}}, client);
  return problems.empty() ? "" : problems.front().text;
}

TEST(Settings, TakesTheArticlesFileAsItIs) {
  EXPECT_TRUE(check_properties(
                  Properties{{"bootstrap.servers", "localhost:9092"}, {"security.protocol", "PLAINTEXT"}},
                  Client::forwarder)
                  .empty());
}

TEST(Settings, AnUnknownNameGetsItsLineAndTheNearestOne) {
  const auto problems =
      check_properties(std::vector<Property>{{"bootstrap.server", "localhost:9092", 3}}, Client::producer);
  ASSERT_EQ(problems.size(), 1U);
  EXPECT_EQ(problems[0].line, 3U);
  EXPECT_NE(problems[0].text.find("did you mean \"bootstrap.servers\"?"), std::string::npos)
      << problems[0].text;
  EXPECT_EQ(problem("completely.different.thing", "1").find("did you mean"), std::string::npos);
}

TEST(Settings, TheProxysAreOursAndGoToEveryClient) {
  const Properties own{{"bootstrap.servers", "kafka:9092"},
                       {"proxy.url", "http://proxy:3128"},
                       {"proxy.username", "pi"},
                       {"proxy.password", "secret"},
                       {"proxy.no_proxy", "10.0.0.0/8"}};
  for (const auto client : {Client::forwarder, Client::producer, Client::consumer})
    EXPECT_TRUE(check_properties(own, client).empty());
  EXPECT_NE(problem("proxy.url", "proxy").find("must begin with http://"), std::string::npos);
  EXPECT_NE(problem("proxy.no_proxy", "a b/c").find("neither"), std::string::npos);
  EXPECT_NE(problem("proxy.urls", "x").find("did you mean \"proxy.url\"?"), std::string::npos);
  for (const bool producer : {true, false})
    EXPECT_EQ(client_properties(own, {}, producer).at("proxy.url"), "http://proxy:3128");
  EXPECT_EQ(forwarder_properties(own, Profile::lan, Delivery::at_least_once, v2_0_2).at("proxy.username"),
            "pi");
  EXPECT_NO_THROW(kafka::make_client(RD_KAFKA_PRODUCER, kafka::make_conf(own)));
  EXPECT_THROW(kafka::make_conf({{"proxy.url", "http://p:1"}, {"proxy.username", "a:b"}}),
               std::runtime_error);
}

TEST(Settings, TheTroubleStandsInPlaceOfWhatTheLibrarySaw) {
  const std::string seen =
      "kafka:9092/bootstrap: Connect to ipv4#0.0.0.0:9092 failed: Connection reset by peer (after 3ms in "
      "state "
      "CONNECT)";
  EXPECT_EQ(with_trouble(seen, ""), seen);
  EXPECT_EQ(with_trouble(seen, "the proxy p:1 cannot be connected to"),
            "kafka:9092/bootstrap: the proxy p:1 cannot be connected to");
}

TEST(Settings, JavasOwnNamesAreAnsweredWithWhatToWriteInstead) {
  EXPECT_EQ(problem("sasl.jaas.config", "x"),
            "\"sasl.jaas.config\" is the Java client's: use sasl.username and sasl.password");
  EXPECT_NE(problem("key.serializer", "x").find("keys are bytes here"), std::string::npos);
  EXPECT_NE(problem("ssl.truststore.location", "x").find("ssl.ca.location"), std::string::npos);
}

TEST(Settings, TokenSettingsAreOursWhateverTheLibraryKnows) {
  EXPECT_EQ(problem("sasl.oauthbearer.assertion.private.key.file", "/k.pem"), "");
  EXPECT_EQ(problem("https.ca.location", "/ca.pem", Client::consumer), "");
  EXPECT_EQ(problem("sasl.oauthbearer.method", "aws_msk_iam", Client::producer), "");
  EXPECT_NE(problem("sasl.oauthbearer.method", "saml").find("must be one of default, oidc, aws_msk_iam"),
            std::string::npos);
  EXPECT_NE(
      problem("sasl.oauthbearer.client.secert", "x").find("did you mean \"sasl.oauthbearer.client.secret\"?"),
      std::string::npos);
  EXPECT_NE(problem("sasl.mechanism", "AWS_MSK_IAM").find("write OAUTHBEARER"), std::string::npos);
  const auto set = forwarder_properties({{"sasl.oauthbearer.client.credentials.client.id", "pi"}},
                                        Profile::lan, Delivery::at_least_once, v2_0_2);
  EXPECT_EQ(set.at("sasl.oauthbearer.client.id"), "pi");
  EXPECT_EQ(client_properties(set, {}, false).at("sasl.oauthbearer.client.id"), "pi");
}

// OAUTHBEARER alone was called good, though no token could ever come.
TEST(Settings, ALoginByTokenNeedsASource) {
  const Properties none{{"bootstrap.servers", "127.0.0.1:1"},
                        {"sasl.mechanism", "OAUTHBEARER"},
                        {"security.protocol", "SASL_SSL"},
                        {"log_level", "0"}};
  EXPECT_THROW(kafka::make_conf(none), std::runtime_error);
  EXPECT_NE(client_fault(none).find("needs a token: set sasl.oauthbearer.token.endpoint.url"),
            std::string::npos);
  auto with = none;
  with["sasl.oauthbearer.token.endpoint.url"] = "file:///nowhere/token";
  EXPECT_NO_THROW(kafka::make_client(RD_KAFKA_PRODUCER, kafka::make_conf(with)));
  EXPECT_EQ(client_fault(with), "");
}

TEST(Settings, RefusesWhatWouldBreakThePromiseAndSaysWhy) {
  EXPECT_NE(problem("acks", "1").find("a broker may lose what it confirmed"), std::string::npos);
  EXPECT_EQ(problem("acks", "all"), "");
  EXPECT_EQ(problem("acks", "-1"), "");
  EXPECT_EQ(problem("acks", "1", Client::producer), "");
  EXPECT_NE(problem("delivery.timeout.ms", "120000").find("must be 0"), std::string::npos);
  EXPECT_EQ(problem("message.timeout.ms", "0"), "");
  EXPECT_NE(problem("retries", "3"), "");
  EXPECT_NE(problem("transactional.id", "t").find("exactly-once"), std::string::npos);
  EXPECT_NE(problem("queuing.strategy", "lifo"), "");
  EXPECT_NE(problem("delivery.report.only.error", "true"), "");
  EXPECT_NE(problem("test.mock.num.brokers", "1"), "");
  EXPECT_NE(problem("plugin.library.paths", "x.so"), "");
  EXPECT_NE(problem("dr_msg_cb", "x"), "");
}

TEST(Settings, NamesAValueLibrdkafkaRefusesButNeverASecret) {
  EXPECT_NE(problem("linger.ms", "soon").find("linger.ms"), std::string::npos);
  EXPECT_NE(problem("security.protocol", "telepathy"), "");
  for (const auto& text : {problem("ssl.key.pem", "hunter2"), problem("sasl.password", "hunter2")})
    EXPECT_EQ(text.find("hunter2"), std::string::npos) << text;
}

TEST(Settings, IdempotenceFollowsTheLibrarysVersion) {
  const auto old = forwarder_properties({}, Profile::lan, Delivery::at_least_once, v2_0_2);
  EXPECT_EQ(old.at("enable.idempotence"), "false");
  EXPECT_EQ(old.at("max.in.flight.requests.per.connection"), "1");
  const auto recent = forwarder_properties({}, Profile::lan, Delivery::at_least_once, v2_8_0);
  EXPECT_EQ(recent.at("enable.idempotence"), "true");
  EXPECT_EQ(recent.at("enable.gapless.guarantee"), "true");
  EXPECT_EQ(recent.at("max.in.flight.requests.per.connection"), "5");
}

TEST(Settings, ThePersonsOwnSettingsWinUnderAnyOfTheirNames) {
  const auto set =
      forwarder_properties({{"linger.ms", "7"}, {"enable.idempotence", "true"}, {"group.id", "g"}},
                           Profile::metered, Delivery::at_least_once, v2_0_2);
  EXPECT_EQ(set.at("queue.buffering.max.ms"), "7");
  EXPECT_EQ(set.count("linger.ms"), 0U);
  EXPECT_EQ(set.at("enable.idempotence"), "true");
  EXPECT_EQ(set.count("group.id"), 0U) << "a consumer's setting";
}

TEST(Settings, ThePromisesOwnAlwaysHold) {
  for (const auto profile : {Profile::lan, Profile::lte, Profile::metered}) {
    const auto set = forwarder_properties({{"acks", "1"}, {"message.timeout.ms", "5"}}, profile,
                                          Delivery::at_least_once, v2_8_0);
    EXPECT_EQ(set.at("request.required.acks"), "all");
    EXPECT_EQ(set.at("message.timeout.ms"), "0");
    EXPECT_EQ(set.at("partitioner"), "murmur2_random");
    EXPECT_TRUE(check_properties(set, Client::producer).size() <= 1U);  // log.queue is ours
  }
}

// The client allocates what a broker announces: 100 MB a connection by its own default.
TEST(Settings, AnAnswerIsBoundedInEveryProfileUnlessSomebodyWantsMore) {
  for (const auto profile : {Profile::lan, Profile::lte, Profile::metered}) {
    const auto set = forwarder_properties({}, profile, Delivery::at_least_once, v2_8_0);
    EXPECT_LE(std::stoul(set.at("receive.message.max.bytes")), 4U << 20);
    const auto more = forwarder_properties({{"receive.message.max.bytes", "9000000"}}, profile,
                                           Delivery::at_least_once, v2_8_0);
    EXPECT_EQ(more.at("receive.message.max.bytes"), "9000000");
  }
}

// What asks for topics and reads cursors is a consumer with the forwarder's settings, whatever somebody set.
TEST(Settings, AConsumerWithThemIsOneThatTheLibraryMakes) {
  for (const auto profile : {Profile::lan, Profile::lte, Profile::metered})
    for (const Properties& own : std::initializer_list<Properties>{
             {},
             {{"message.max.bytes", "5000000"}},
             {{"message.max.bytes", "1000"}},
             {{"receive.message.max.bytes", "9000000"}},
             {{"receive.message.max.bytes", "1000"}, {"message.max.bytes", "2000000"}}}) {
      const auto set = forwarder_properties(own, profile, Delivery::at_least_once, v2_8_0);
      auto conf = kafka::make_conf(client_properties(set, {}, false));
      EXPECT_NO_THROW(kafka::make_client(RD_KAFKA_CONSUMER, std::move(conf)));
    }
}

TEST(Settings, EveryProfileIsAcceptedByThisLibrary) {
  for (const auto profile : {Profile::lan, Profile::lte, Profile::metered})
    for (const auto& [name, value] : profile_properties(profile))
      if (find_setting(name)) {
        EXPECT_EQ(problem(name, value), "") << name;
      }
}

TEST(Settings, AScramLogInThatTheLibraryGetsWrongIsExplained) {
  EXPECT_NE(login_hint({{"sasl.mechanisms", "SCRAM-SHA-512"}}, v2_0_2).find("before 2.6.1"),
            std::string::npos);
  EXPECT_EQ(login_hint({{"sasl.mechanisms", "SCRAM-SHA-512"}}, v2_8_0), "");
  EXPECT_EQ(login_hint({{"sasl.mechanisms", "PLAIN"}}, v2_0_2), "");
}

TEST(Settings, SecretsAreKnownByTheirKeys) {
  for (const auto* key : {"sasl.password", "ssl.key.password", "ssl.key.pem", "ssl.keystore.password",
                          "sasl.oauthbearer.config", "sasl.oauthbearer.client.secret", "proxy.password"})
    EXPECT_TRUE(is_secret(key)) << key;
  for (const auto* key :
       {"sasl.username", "sasl.oauthbearer.token.endpoint.url", "ssl.ca.location", "proxy.url"})
    EXPECT_FALSE(is_secret(key)) << key;
}

TEST(Settings, AMissingFileIsAnErrorWithItsCause) {
  const auto parsed = read_properties_file("/nonexistent/client.properties");
  ASSERT_FALSE(parsed);
  EXPECT_EQ(describe(parsed.error(), "/nonexistent/client.properties"),
            "/nonexistent/client.properties: cannot be read: No such file or directory");
}

TEST(Settings, AnEmptyFileOfPropertiesHasNoneAndAFolderIsNoFile) {
  const auto empty = read_properties_file("/dev/null");
  ASSERT_TRUE(empty);
  EXPECT_TRUE(empty->empty());
  EXPECT_FALSE(read_properties_file("/"));
}

}  // namespace
}  // namespace weather::bridge
