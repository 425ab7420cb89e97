#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gateway/config/kafka.hpp"
#include "gateway/config/routes.hpp"

namespace weather::gateway {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pair;

std::vector<std::string> errors_of(const std::string& text) {
  const std::vector<ConfigText> texts{{"/etc/wg/main.toml", text}};
  const auto config = load(texts, {});
  std::vector<std::string> result;
  if (!config)
    for (const auto& error : config.error()) result.push_back(to_string(error));
  return result;
}

Config config_of(const std::string& text) {
  const std::vector<ConfigText> texts{{"/etc/wg/main.toml", text}};
  auto config = load(texts, {});
  if (!config) ADD_FAILURE() << to_string(config.error().front());
  return config.value_or(Config{});
}

constexpr auto two_routes = R"(
[kafka]
topic = "weather"
key = "{station}/{sensor}"
headers = { site = "north" }
omit_headers = ["ce_specversion"]
[kafka.properties]
"bootstrap.servers" = "127.0.0.1:9092"
[[route]]
name = "live"
[[route]]
name = "archive"
topic = "weather.{source}"
format = "confluent-protobuf"
schema_id = 7
match = { quantity = "rain_*" }
headers = { unit = "mixed" }
[route.properties]
"compression.type" = "lz4"
)";

TEST(Routes, StatusMembersAreSwitchedOffForOneRouteOrForAll) {
  const auto said = [](const std::string& text) {
    std::vector<bool> out;
    for (const auto& route : route_options(config_of(text))) out.push_back(route.status_members);
    return out;
  };
  EXPECT_THAT(said(""), ElementsAre(true));
  EXPECT_THAT(said("[[route]]\nname = \"a\"\nstatus_members = false\n[[route]]\nname = \"b\"\n"),
              ElementsAre(false, true));
  EXPECT_THAT(said("[kafka]\nstatus_members = false\n[[route]]\nname = \"a\"\n"), ElementsAre(false));
}

TEST(Routes, WithoutAnyThereIsOneAsKafkaSays) {
  const auto routes = route_options(config_of("[kafka]\ntopic = \"t\"\nformat = \"protobuf\"\n"));
  ASSERT_EQ(routes.size(), 1U);
  EXPECT_EQ(routes[0].name, "kafka");
  EXPECT_EQ(routes[0].topic, "t");
  EXPECT_EQ(routes[0].key, "{sensor}");
  EXPECT_EQ(routes[0].format, bridge::Format::protobuf);
  EXPECT_THAT(routes[0].headers, ElementsAre(Pair("source", "weather-station"), Pair("unit", "metric")));
}

TEST(Routes, EachTakesFromKafkaWhatItDoesNotSay) {
  const auto config = config_of(two_routes);
  const auto routes = route_options(config);
  ASSERT_EQ(routes.size(), 2U);
  EXPECT_EQ(routes[0].topic, "weather");
  EXPECT_EQ(routes[0].format, bridge::Format::json);
  EXPECT_TRUE(routes[0].keeps_undecodable);
  EXPECT_EQ(routes[1].topic, "weather.{source}");
  EXPECT_EQ(routes[1].key, "{station}/{sensor}");
  EXPECT_EQ(routes[1].format, bridge::Format::confluent_protobuf);
  EXPECT_EQ(routes[1].schema_id, 7);
  EXPECT_FALSE(routes[1].keeps_undecodable);
  EXPECT_THAT(routes[1].headers,
              ElementsAre(Pair("site", "north"), Pair("source", "weather-station"), Pair("unit", "mixed")));
  EXPECT_THAT(routes[1].omit_headers, ElementsAre("ce_specversion"));
  EXPECT_THAT(routes[1].match, ElementsAre(Pair("quantity", "rain_*")));
  EXPECT_THAT(routes[1].properties, ElementsAre(Pair("compression.type", "lz4")));
  EXPECT_THAT(route_names(config), ElementsAre("live", "archive"));
}

TEST(Routes, EachNeedsANameOfItsOwn) {
  EXPECT_THAT(errors_of("[[route]]\ntopic = \"a\"\n"),
              testing::Contains(HasSubstr("route[0].name: is required")));
  EXPECT_THAT(errors_of("[[route]]\nname = \"../a\"\n"),
              ElementsAre(HasSubstr("main.toml:2:8: route[0].name: \"../a\" must be 1 to 32 of a-z")));
  EXPECT_THAT(errors_of("[[route]]\nname = \"a\"\n[[route]]\nname = \"a\"\n"),
              ElementsAre(HasSubstr("main.toml:4:8: route[1].name: two routes are named \"a\"")));
}

TEST(Routes, MistakesHaveTheirPlaceAndTheNearestName) {
  EXPECT_THAT(
      errors_of("[[route]]\nname = \"a\"\ntopic = \"w.{sensr}\"\n"),
      ElementsAre(HasSubstr("main.toml:3:9: route[0].topic: \"w.{sensr}\" there is no {sensr}: choose "
                            "from {sensor}, {station}, {source} and {quantity}; did you mean "
                            "{sensor}?")));
  EXPECT_THAT(errors_of("[[route]]\nname = \"a\"\nmatch = { statoin = \"x\" }\n"),
              ElementsAre(HasSubstr("did you mean {station}?")));
  EXPECT_THAT(errors_of("[[route]]\nname = \"a\"\nformat = \"jsn\"\n"),
              ElementsAre(HasSubstr(
                  "\"jsn\" is none of json|protobuf|confluent-protobuf|confluent-avro|confluent-json")));
  EXPECT_THAT(errors_of("[[route]]\nname = \"a\"\ntopik = \"x\"\n"),
              ElementsAre(HasSubstr("route[0].topik: unknown key; did you mean \"topic\"?")));
  EXPECT_THAT(errors_of("[kafka]\nomit_headers = [\"ce_specverson\"]\n"),
              ElementsAre(HasSubstr("did you mean \"ce_specversion\"?")));
}

TEST(Routes, WhatEveryEventCarriesCannotBeLeftOutOrForged) {
  for (const auto* name : {"ce_id", "ce_type", "source", "unit"})
    EXPECT_THAT(errors_of("[kafka]\nomit_headers = [\"" + std::string(name) + "\"]\n"),
                ElementsAre(HasSubstr("always goes along")));
  EXPECT_THAT(errors_of("[kafka]\nheaders = { source = \"\" }\n"),
              ElementsAre(HasSubstr("kafka.headers.source: goes with every event")));
  EXPECT_THAT(errors_of("[kafka]\nheaders = { ce_id = \"1\" }\n"),
              ElementsAre(HasSubstr("is written by the gateway itself")));
}

TEST(Routes, AnEnvelopeIsJson) {
  EXPECT_THAT(errors_of("[kafka]\nlayout = \"envelope\"\nformat = \"protobuf\"\n"),
              ElementsAre(HasSubstr("kafka.layout: an envelope is JSON")));
  EXPECT_THAT(errors_of("[kafka]\nlayout = \"envelope\"\n[[route]]\nname = \"a\"\nformat = \"protobuf\"\n"),
              ElementsAre(HasSubstr("route[0].layout: an envelope is JSON")));
}

TEST(Routes, AGuidIsTheRegistrysToSay) {
  for (const auto* format : {"confluent-protobuf", "confluent-avro", "confluent-json"}) {
    const auto kafka = "[kafka]\nformat = \"" + std::string(format) + "\"\n";
    const std::string header = "[schema_registry]\nid_in = \"header\"\n", url = "url = \"http://h:8081\"\n";
    EXPECT_THAT(errors_of(kafka + header),
                ElementsAre(HasSubstr("needs the GUID of the schema: set schema_registry.url")));
    EXPECT_THAT(errors_of(kafka + header + url), ElementsAre());
    EXPECT_THAT(errors_of(kafka + "schema_id = 3\n" + header + url),
                ElementsAre(HasSubstr("kafka.schema_id: is a number")));
  }
  EXPECT_THAT(errors_of("[kafka]\nformat = \"confluent-json\"\nschema_id = 3\nunits = \"imperial\"\n"),
              ElementsAre());
  EXPECT_THAT(errors_of("[kafka]\nformat = \"confluent-avro\"\nschema_id = 3\nunits = \"imperial\"\n"),
              ElementsAre(HasSubstr("kafka.units: is of the JSON form only: confluent-avro names the unit")));
}

TEST(Routes, ConfluentsFramingNeedsARegistryOrANumber) {
  EXPECT_THAT(errors_of("[kafka]\nformat = \"confluent-protobuf\"\n"),
              ElementsAre(HasSubstr("main.toml:2:10: kafka.format: \"confluent-protobuf\" needs")));
  EXPECT_THAT(errors_of("[kafka]\nformat = \"confluent-protobuf\"\nschema_id = 3\n"), ElementsAre());
  EXPECT_THAT(
      errors_of("[kafka]\nformat = \"confluent-protobuf\"\n[schema_registry]\nurl = \"http://h:8081\"\n"),
      ElementsAre());
  EXPECT_THAT(errors_of("[schema_registry]\nurl = \"h:8081\"\n"),
              ElementsAre(HasSubstr("schema_registry.url: \"h:8081\" must begin with http")));
  EXPECT_THAT(errors_of("[schema_registry]\npassword_file = \"p\"\n"),
              ElementsAre(HasSubstr("needs a username")));
  EXPECT_THAT(errors_of("[schema_registry]\nurll = \"h\"\n"),
              ElementsAre(HasSubstr("did you mean \"url\"?")));
}

TEST(Routes, SendSummariesOrChangesWhereTheySaySo) {
  const auto routes = route_options(
      config_of("[[route]]\nname = \"a\"\nperiod = \"10 min\"\nstatistics = [\"mean\", \"count\"]\n"
                "[[route]]\nname = \"b\"\nheartbeat = \"1h\"\nchanges = { temperature = 0.2, humidity = 1 }\n"
                "[[route]]\nname = \"c\"\n"));
  using bridge::Statistic;
  EXPECT_EQ(routes[0].thinning.period, std::chrono::minutes(10));
  EXPECT_THAT(routes[0].thinning.statistics, ElementsAre(Statistic::mean, Statistic::count));
  EXPECT_EQ(routes[1].thinning.heartbeat, std::chrono::hours(1));
  EXPECT_THAT(routes[1].thinning.changes,
              ElementsAre(Pair("air_temperature", 0.2), Pair("relative_humidity", 1)));
  EXPECT_FALSE(routes[2].thinning.any());
}

TEST(Routes, ASummaryThatCannotBeIsToldWithItsPlace) {
  const auto errors = [](const std::string& rest) { return errors_of("[[route]]\nname = \"a\"\n" + rest); };
  EXPECT_THAT(errors("period = \"10 min\"\nstatistics = [\"mean\", \"last\"]\n"),
              ElementsAre(HasSubstr("main.toml:4:14: route[0].statistics: mean, last and sum all go under")));
  EXPECT_THAT(errors("period = \"10 min\"\nstatistics = [\"median\"]\n"),
              ElementsAre(HasSubstr("\"median\" is none of mean, min, max, last, sum, count")));
  EXPECT_THAT(errors("period = \"10 min\"\nstatistics = []\n"), ElementsAre(HasSubstr("name one at least")));
  EXPECT_THAT(errors("period = \"1500 ms\"\n"), ElementsAre(HasSubstr("must be whole seconds")));
  EXPECT_THAT(errors("period = \"2 d\"\n"),
              ElementsAre(HasSubstr("route[0].period: out of range: it must be from 0s to 1d")));
  EXPECT_THAT(errors("period = \"1 h\"\nheartbeat = \"1 h\"\n"),
              ElementsAre(HasSubstr("a route sends summaries or changes; make two routes")));
  EXPECT_THAT(errors("changes = { temperature = 1 }\n"), ElementsAre(HasSubstr("needs route[0].heartbeat")));
  EXPECT_THAT(errors("heartbeat = \"1 h\"\nchanges = { temperature = \"warm\" }\n"),
              ElementsAre(HasSubstr("\"warm\" is no difference")));
  EXPECT_THAT(errors("heartbeat = \"1 h\"\nchanges = { temperatur = 1 }\n"),
              ElementsAre(HasSubstr("route[0].changes.temperatur")));
}

TEST(Routes, AnUnreadablePasswordFileIsAFaultOfItsKey) {
  const auto config = config_of(
      "[kafka.properties]\n\"bootstrap.servers\" = \"h:1\"\n[schema_registry]\nurl = \"http://h\"\nusername "
      "= "
      "\"u\"\npassword_file = \"/nowhere/secret\"\n");
  const auto options = forwarder_options(config, "pi");
  ASSERT_FALSE(options);
  EXPECT_THAT(
      to_string(options.error().front()),
      HasSubstr("main.toml:6:17: schema_registry.password_file: /nowhere/secret cannot be read: No such"));
}

TEST(Routes, TheirKafkaKeysAreJudgedLikeAllOthers) {
  const auto config = config_of(
      "[kafka.properties]\n\"bootstrap.servers\" = \"h:1\"\n[[route]]\nname = "
      "\"a\"\n[route.properties]\nacks = \"1\"\n\"partitoner\" = \"murmur2\"\n");
  const auto options = forwarder_options(config, "pi");
  ASSERT_FALSE(options);
  std::vector<std::string> errors;
  for (const auto& error : options.error()) errors.push_back(to_string(error));
  EXPECT_THAT(errors, testing::UnorderedElementsAre(
                          HasSubstr("main.toml:6:8: route[0].properties.acks: \"acks\" must be \"all\""),
                          HasSubstr("main.toml:7:16: route[0].properties.partitoner: \"partitoner\" is no "
                                    "setting")));
}

TEST(Routes, EachMayHaveAClusterOfItsOwn) {
  const auto config =
      config_of("[[route]]\nname = \"a\"\n[route.properties]\n\"bootstrap.servers\" = \"h:1\"\n");
  EXPECT_TRUE(forwarder_options(config, "pi"));
  EXPECT_FALSE(forwarder_options(config_of("[[route]]\nname = \"a\"\n"), "pi"));
}

constexpr auto a_relay = R"(
[[route]]
name = "site"
to = "https://site:8443"
token_file = "/etc/wg/token"
)";

TEST(ConfigRelay, ARouteToAGatewayNeedsNoKafka) {
  const auto config = config_of(a_relay);
  const auto options = forwarder_options(config, "pi");
  ASSERT_TRUE(options) << to_string(options.error().front());
  ASSERT_EQ(options->routes.size(), 1U);
  ASSERT_TRUE(options->routes[0].relay);
  EXPECT_EQ(options->routes[0].relay->url, "https://site:8443");
  EXPECT_EQ(options->routes[0].relay->token_file, "/etc/wg/token");
  EXPECT_EQ(options->routes[0].topic, "https://site:8443");
  EXPECT_FALSE(sends_to_kafka(config));
  EXPECT_TRUE(sends_to_kafka(config_of(two_routes)));
  EXPECT_TRUE(sends_to_kafka(config_of("")));
}

TEST(ConfigRelay, WhatDoesNotGoWithItIsSaid) {
  const auto with = [](const std::string& more) { return errors_of(a_relay + more); };
  EXPECT_TRUE(with("").empty());
  for (const auto* key : {"topic = \"t\"", "key = \"{sensor}\"", "layout = \"envelope\"", "format = \"json\"",
                          "units = \"metric\"", "schema_id = 7", "headers = { a = \"b\" }",
                          "omit_headers = [\"ce_source\"]", "properties = { \"linger.ms\" = \"5\" }"})
    EXPECT_THAT(with(key), ElementsAre(HasSubstr("set it in that one's routes"))) << key;
  EXPECT_THAT(with("cert_file = \"/c\""), ElementsAre(HasSubstr("go together")));
  EXPECT_THAT(with("proxy = true"), ElementsAre(HasSubstr("give kafka.proxy.url")));
  EXPECT_TRUE(with("proxy = true\n[kafka.proxy]\nurl = \"http://proxy:3128\"").empty());
  EXPECT_THAT(errors_of("[[route]]\nname = \"a\"\nproxy = true\n[kafka.proxy]\nurl = \"http://proxy:3128\""),
              ElementsAre(HasSubstr("set route[0].to")));
  EXPECT_THAT(with("[kafka]\ndelivery = \"exactly-once\""), ElementsAre(HasSubstr("exactly once without")));
  EXPECT_THAT(errors_of("[[route]]\nname = \"a\"\nto = \"site:8443\""),
              ElementsAre(HasSubstr("must begin with http:// or https://")));
  EXPECT_THAT(errors_of("[[route]]\nname = \"a\"\nto = \"http://site\"\ntoken_file = \"/t\""),
              ElementsAre(HasSubstr("use https://")));
  EXPECT_THAT(errors_of("[[route]]\nname = \"a\"\ntoken_file = \"/t\""),
              ElementsAre(HasSubstr("set route[0].to")));
  EXPECT_THAT(errors_of("[[http]]\nlisten = \"0.0.0.0:1\"\nrelay = true"),
              ElementsAre(HasSubstr("needs to know who sends")));
  EXPECT_TRUE(errors_of("[[http]]\nrelay = true").empty());
}

}  // namespace
}  // namespace weather::gateway
