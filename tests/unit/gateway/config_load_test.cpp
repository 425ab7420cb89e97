#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gateway/app/formats.hpp"
#include "gateway/app/silence_alarm.hpp"
#include "gateway/config/load.hpp"
#include "gateway/config/schema.hpp"

namespace weather::gateway {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::vector<std::string> errors_of(const std::string& text, const Environment& environment = {}) {
  const std::vector<ConfigText> texts{{"/etc/wg/main.toml", text}};
  const auto config = load(texts, environment);
  std::vector<std::string> result;
  if (!config)
    for (const auto& error : config.error()) result.push_back(to_string(error));
  return result;
}

Config config_of(const std::string& text, const Environment& environment = {}) {
  const std::vector<ConfigText> texts{{"/etc/wg/main.toml", text}};
  auto config = load(texts, environment);
  if (!config) ADD_FAILURE() << to_string(config.error().front());
  return config.value_or(Config{});
}

constexpr auto documented = R"(
config_version = 1
[gateway]
id = "pi-roof"
data_dir = "/var/lib/weather-gateway"
[[mqtt]]
url = "mqtt://127.0.0.1:1883"
topics = ["weather/#"]
qos = 1
format = "json"
[kafka]
topic = "topic_weather"
properties_file = "client.properties"
[kafka.properties]
"bootstrap.servers" = "127.0.0.1:9092"
"linger.ms" = 100
[kafka.headers]
source = "weather-station"
unit = "metric"
[log]
max_bytes = "2GiB"
segment_bytes = 1048576
commit_interval = "2s"
)";

TEST(ConfigLoad, the_documented_file) {
  const auto config = config_of(documented);
  EXPECT_EQ(config.gateway.id, "pi-roof");
  ASSERT_EQ(config.mqtt.size(), 1U);
  EXPECT_EQ(config.mqtt[0].url, "mqtt://127.0.0.1:1883");
  EXPECT_THAT(config.mqtt[0].topics, ElementsAre("weather/#"));
  EXPECT_EQ(config.kafka.properties.at("bootstrap.servers"), "127.0.0.1:9092");
  EXPECT_EQ(config.kafka.properties.at("linger.ms"), "100");
  EXPECT_EQ(config.kafka.headers.at("unit"), "metric");
  EXPECT_EQ(config.log.max_bytes, 2U << 30);
  EXPECT_EQ(config.log.segment_bytes, 1U << 20);
  EXPECT_EQ(config.log.commit_interval, std::chrono::seconds(2));
}

TEST(ConfigLoad, every_default_of_the_table_is_legal) {
  const auto config = config_of("");
  EXPECT_EQ(config.kafka.topic, "topic_weather");
  EXPECT_EQ(config.kafka.layout, "record");
  EXPECT_EQ(config.log.on_full, "drop_oldest");
  EXPECT_EQ(config.log.commit_interval, std::chrono::seconds(1));
  EXPECT_TRUE(config.places.empty());
}

TEST(ConfigLoad, a_path_is_relative_to_the_file_that_names_it) {
  EXPECT_EQ(config_of(documented).kafka.properties_file, "/etc/wg/client.properties");
  EXPECT_EQ(config_of("[kafka]\nproperties_file = \"/x/y\"").kafka.properties_file, "/x/y");
}

TEST(ConfigLoad, an_unknown_key_has_its_place_and_the_nearest_name) {
  EXPECT_THAT(errors_of("[kafka]\n  topci = \"t\"\n"),
              ElementsAre("/etc/wg/main.toml:2:3: kafka.topci: unknown key; did you mean \"topic\"?"));
  EXPECT_THAT(errors_of("[kafak]\n"),
              ElementsAre("/etc/wg/main.toml:1:2: kafak: unknown key; did you mean \"kafka\"?"));
  EXPECT_THAT(errors_of("[frobnicator]\n"),
              ElementsAre(HasSubstr("frobnicator: unknown key; `config default` lists all")));
}

TEST(ConfigLoad, all_faults_at_once) {
  const auto errors = errors_of(R"(
[gateway]
idd = "x"
[log]
on_full = "explode"
segment_bytes = "8 megs"
commit_interval = 5
[[mqtt]]
url = "http://x"
qos = 7
)");
  EXPECT_THAT(errors,
              testing::UnorderedElementsAre(
                  "/etc/wg/main.toml:3:1: gateway.idd: unknown key; did you mean \"id\"?",
                  "/etc/wg/main.toml:5:11: log.on_full: \"explode\" is none of drop_oldest|block|drop_newest",
                  HasSubstr("main.toml:6:17: log.segment_bytes: \"8 megs\" has an unknown unit"),
                  "/etc/wg/main.toml:7:19: log.commit_interval: expected a duration such as \"30s\"",
                  HasSubstr("main.toml:9:7: mqtt[0].url: \"http://x\" must begin with mqtt://"),
                  "/etc/wg/main.toml:10:7: mqtt[0].qos: out of range: it must be from 0 to 2",
                  HasSubstr("mqtt[0].topics: is required"),
                  HasSubstr("mqtt[0].topics: must name at least one topic filter")));
}

TEST(ConfigLoad, a_syntax_error_has_its_place) {
  EXPECT_THAT(errors_of("[kafka]\ntopic = \n"), ElementsAre(HasSubstr("/etc/wg/main.toml:2:")));
}

TEST(ConfigLoad, tables_and_lists_of_tables_are_told_apart) {
  EXPECT_THAT(errors_of("[mqtt]\nurl = \"mqtt://x\"\n"),
              ElementsAre(HasSubstr("mqtt: may come several times: write [[mqtt]]")));
  EXPECT_THAT(errors_of("[[kafka]]\n"), ElementsAre(HasSubstr("kafka: is a table: write [kafka]")));
  EXPECT_THAT(errors_of("[kafka.properties]\nbootstrap.servers = \"x\"\n"),
              ElementsAre(HasSubstr("must be quoted")));
}

TEST(ConfigLoad, later_files_replace_merge_and_append) {
  const std::vector<ConfigText> texts{
      {"a.toml",
       "[kafka]\ntopic = \"a\"\n[kafka.headers]\nx = \"1\"\n[[mqtt]]\nurl=\"mqtt://one\"\ntopics=[\"#\"]\n"},
      {"b.toml",
       "[kafka]\ntopic = \"b\"\n[kafka.headers]\ny = \"2\"\n[[mqtt]]\nurl=\"mqtt://two\"\ntopics=[\"#\"]\n"}};
  const auto config = load(texts, {});
  ASSERT_TRUE(config);
  EXPECT_EQ(config->kafka.topic, "b");
  EXPECT_EQ(config->places.at("kafka.topic").file, "b.toml");
  EXPECT_EQ(config->kafka.headers.at("x"), "1");
  EXPECT_EQ(config->kafka.headers.at("y"), "2");
  ASSERT_EQ(config->mqtt.size(), 2U);
  EXPECT_EQ(config->mqtt[1].url, "mqtt://two");
}

TEST(ConfigLoad, a_fault_is_reported_in_the_file_that_has_it) {
  const std::vector<ConfigText> texts{{"a.toml", ""}, {"b.toml", "[[mqtt]]\nurl=\"x\"\ntopics=[\"#\"]\n"}};
  const auto config = load(texts, {});
  ASSERT_FALSE(config);
  EXPECT_THAT(to_string(config.error().front()), testing::StartsWith("b.toml:2:5: mqtt[0].url"));
}

TEST(ConfigLoad, variables_expand_inside_strings_only_after_parsing) {
  const auto config = config_of("[kafka]\ntopic = \"${T}\"\n", {{"T", "weather"}});
  EXPECT_EQ(config.kafka.topic, "weather");
  EXPECT_THAT(errors_of("[kafka]\ntopic = \"${T}\"\n", {{"T", "x\" \n[log]"}}),
              ElementsAre(HasSubstr("line break")));
}

TEST(ConfigLoad, the_environment_overrides_files) {
  const auto config = config_of("[kafka]\ntopic = \"a\"\n", {{"WEATHER_GATEWAY_KAFKA__TOPIC", "b"},
                                                             {"WEATHER_GATEWAY_LOG__MAX_BYTES", "1GiB"},
                                                             {"WEATHER_GATEWAY_WEB__ENABLED", "false"}});
  EXPECT_EQ(config.kafka.topic, "b");
  EXPECT_EQ(config.log.max_bytes, 1U << 30);
  EXPECT_FALSE(config.web.enabled);
  EXPECT_THAT(errors_of("", {{"WEATHER_GATEWAY_KAFKA__TOPCI", "b"}}),
              ElementsAre("environment variable WEATHER_GATEWAY_KAFKA__TOPCI: kafka.topci: unknown key; did "
                          "you mean \"topic\"?"));
}

TEST(ConfigCheck, combinations) {
  EXPECT_THAT(errors_of("[web]\nlisten = \"10.0.0.1:8680\"\nusers_file = \"u\"\n"),
              ElementsAre(HasSubstr("main.toml:2:10: web.listen: \"10.0.0.1:8680\" is reachable by others")));
  EXPECT_THAT(errors_of("[kafka]\ntopic = \"a b\"\n"), ElementsAre(HasSubstr("is not a topic name")));
  EXPECT_THAT(errors_of("[[mqtt]]\nurl=\"mqtt://u:p@h\"\ntopics=[\"#\"]\n"),
              ElementsAre(HasSubstr("use username and password_file")));
  EXPECT_THAT(errors_of("[[mqtt]]\nurl=\"mqtt://h\"\ntopics=[\"#\"]\nca_file=\"ca\"\n"),
              ElementsAre(HasSubstr("use mqtts://")));
  const std::string one = "[[mqtt]]\nurl=\"mqtt://h\"\ntopics=[\"#\"]\n";
  EXPECT_THAT(errors_of(one + one), ElementsAre(HasSubstr("mqtt[1].client_id: two sources")));
}

TEST(ConfigCheck, the_header_unit_may_not_lie) {
  EXPECT_THAT(errors_of("[kafka]\nunits = \"imperial\"\n"), ElementsAre());
  EXPECT_THAT(errors_of("[kafka]\nunits = \"imperial\"\nheaders = { unit = \"metric\" }\n"),
              ElementsAre(HasSubstr("kafka.headers.unit: \"metric\" is not true: the values are imperial")));
  EXPECT_THAT(errors_of("[kafka.headers]\nunit = \"imperial\"\n"),
              ElementsAre(HasSubstr("values are metric")));
  EXPECT_THAT(errors_of("[kafka]\nunits = \"imperial\"\nformat = \"protobuf\"\n"),
              ElementsAre(HasSubstr("kafka.units: is of the JSON form only")));
  EXPECT_THAT(errors_of("[kafka]\naliases = { air_temperature = \"\" }\n"),
              ElementsAre(HasSubstr("need a name on both sides")));
}

TEST(ConfigCheck, a_listener_that_others_reach_needs_tls_and_credentials) {
  EXPECT_THAT(errors_of("[[listener]]\n"), ElementsAre());
  EXPECT_THAT(errors_of("[[listener]]\nlisten = \"[::1]:1883\"\n"), ElementsAre());
  EXPECT_THAT(
      errors_of("[[listener]]\nlisten = \"0.0.0.0:1883\"\n"),
      ElementsAre(HasSubstr("give cert_file and key_file"), HasSubstr("give users_file or client_ca_file")));
  EXPECT_THAT(errors_of("[[listener]]\nclient_ca_file = \"ca.pem\"\n"), ElementsAre(HasSubstr("needs TLS")));
  EXPECT_THAT(errors_of("[[listener]]\ntopics = []\n"), ElementsAre(HasSubstr("at least one topic filter")));
  EXPECT_THAT(errors_of("[[listener]]\nlisten = \"1883\"\n"), ElementsAre(HasSubstr("is not HOST:PORT")));
}

TEST(ConfigCheck, a_station_has_an_address_and_its_wind_a_port) {
  const std::string station = "[[weatherlink]]\naddress = \"192.168.1.7\"\n";
  EXPECT_THAT(errors_of(station + "interval = \"10s\"\nwind = true\n" + station + "wind = true\n"),
              ElementsAre());
  EXPECT_THAT(errors_of("[[weatherlink]]\naddress = \"http://192.168.1.7/\"\n"),
              ElementsAre(HasSubstr("weatherlink[0].address: is HOST or HOST:PORT alone, without http://")));
  EXPECT_THAT(errors_of(station + "interval = \"9s\"\n"), ElementsAre(HasSubstr("out of range")));
  const std::string udp = "[[udp]]\nlisten = \"0.0.0.0:22222\"\n";
  EXPECT_THAT(errors_of(udp + station), ElementsAre());
  EXPECT_THAT(errors_of(udp + station + "wind = true\n"),
              ElementsAre(HasSubstr("weatherlink[0].wind: port 22222 is taken by udp[0].listen")));
}

TEST(ConfigLoad, the_clocks_settings_are_checked) {
  EXPECT_THAT(errors_of("[clock]\ntrust = \"ntp\"\n"), ElementsAre(HasSubstr("none of auto|file|always")));
  EXPECT_THAT(errors_of("[clock]\nhold = \"60\"\n"), ElementsAre(HasSubstr("has no unit")));
  EXPECT_THAT(errors_of("[clock]\nmax_future = \"0s\"\n"), ElementsAre(HasSubstr("out of range")));
  EXPECT_THAT(errors_of("[clock]\nmax_pst = \"1d\"\n"), ElementsAre(HasSubstr("did you mean \"max_past\"")));
  EXPECT_THAT(errors_of("[gateway]\nlog_level = \"loud\"\n"),
              ElementsAre(HasSubstr("debug|info|warning|error")));
  const auto config = config_of("[clock]\nsynchronised_file = \"chrony/ok\"\nmax_past = \"30d\"\n");
  EXPECT_EQ(config.clock.hold.count(), 60'000);
  EXPECT_EQ(config.clock.max_past.count(), 30LL * 86'400'000);
}

TEST(ConfigLoad, instruments_and_mappings_are_read_by_those_who_know_them) {
  const auto config = config_of(R"(
[[mapping]]
preset = "tasmota"
[[modbus]]
name = "anemometer"
device = "/dev/ttyUSB0"
[[modbus.register]]
address = 0
type = "u16"
quantity = "wind_speed"
unit = "m/s"
scale = 0.1
[[bus]]
kind = "one_wire"
interval = "30s"
[[nmea]]
device = "/dev/ttyUSB1"
[[lines]]
path = "rtl.ndjson"
format = "rtl_433"
[[http]]
)");
  EXPECT_EQ(config.mapping.at(0).name, "tasmota");
  EXPECT_EQ(config.modbus.at(0).options.name, "anemometer");
  EXPECT_EQ(config.bus.at(0).interval, std::chrono::seconds(30));
  EXPECT_EQ(config.nmea.at(0).baud, 4800U);
  EXPECT_EQ(config.lines.at(0).path, "rtl.ndjson");
  EXPECT_EQ(config.http.at(0).listen, "127.0.0.1:8681");
}

TEST(ConfigLoad, quality_silence_and_hosts_are_settings) {
  const auto config = config_of(R"(
[quality]
sentinels = [-40]
[quality.temperature]
high = 45
[silence]
factor = 3
sensors = { roof = "5m", shed = "never" }
[sparkplug]
host_id = "pi-roof"
rebirth_retry = "90s"
[[sparkplug.field]]
path = "/Sap"
quantity = "sap_flow"
[lorawan]
[[lorawan.field]]
path = "/w/{part}"
quantity = "wind_speed"
unit = "km/h"
[[bus]]
kind = "iio"
celsius = ["htu21"]
[[mqtt]]
url = "mqtt://h"
topics = ["#"]
protocol = "5"
)");
  EXPECT_EQ(config.quality.checks.limits.at("air_temperature").high, 45);
  EXPECT_EQ(config.quality.checks.sentinels, std::vector<double>{-40});
  EXPECT_EQ(config.silence.factor, 3);
  EXPECT_EQ(config.silence.at_least, std::chrono::minutes(10));
  const auto rules = silence_rules(config.silence);
  EXPECT_EQ(rules.fixed.at("roof"), std::chrono::minutes(5));
  EXPECT_EQ(rules.fixed.at("shed"), std::chrono::seconds(0));
  EXPECT_EQ(config.sparkplug.host_id, "pi-roof");
  EXPECT_EQ(config.sparkplug.rebirth_retry_ns, 90'000'000'000);
  EXPECT_EQ(config.sparkplug.fields.at(0).quantity, "sap_flow");
  EXPECT_EQ(config.lorawan.at(0).unit, "km/h");
  EXPECT_EQ(config.bus.at(0).celsius, std::vector<std::string>{"htu21"});
  EXPECT_EQ(config.mqtt.at(0).protocol, "5");
  EXPECT_EQ(config.sensors.repeat_window, std::chrono::seconds(5));
}

TEST(ConfigCheck, limits_of_quality_and_silence_must_make_sense) {
  EXPECT_THAT(errors_of("[quality.air_temprature]\nlow = 1\n"),
              ElementsAre(HasSubstr(": quality: no quantity \"air_temprature\"; did you mean "
                                    "\"air_temperature\"?")));
  EXPECT_THAT(errors_of("[quality.temperature]\nlow = 5\nhigh = 1\n"),
              ElementsAre(HasSubstr("low must not be above")));
  EXPECT_THAT(errors_of("[[quality]]\n"), ElementsAre(HasSubstr("is a table: write [quality]")));
  EXPECT_THAT(errors_of("[silence]\nat_least = \"2d\"\n"),
              ElementsAre(HasSubstr("is more than silence.at_most")));
  EXPECT_THAT(errors_of("[silence]\nsensors = { roof = \"soon\", a = \"10ms\" }\n"),
              ElementsAre(HasSubstr("silence.sensors.a: must be at least 1s"), HasSubstr("or \"never\"")));
  EXPECT_THAT(errors_of("[sparkplug]\nhost_id = \"a/b\"\n"), ElementsAre(HasSubstr("one level of a topic")));
  EXPECT_THAT(errors_of("[[mqtt]]\nurl=\"mqtt://h\"\ntopics=[\"#\"]\nprotocol=\"4\"\n"),
              ElementsAre(HasSubstr("\"4\" is none of")));
}

TEST(ConfigLoad, faults_inside_them_have_their_place) {
  EXPECT_THAT(errors_of("[[mapping]]\npresett = \"tasmota\"\n"),
              testing::Contains(HasSubstr("main.toml:2:")));
  EXPECT_THAT(errors_of("[[modbus]]\nname = \"a\"\nbaudd = 9600\n"),
              testing::Contains(HasSubstr("main.toml:3:")));
  EXPECT_THAT(errors_of("[mapping]\n"), ElementsAre(HasSubstr("write [[mapping]]")));
}

TEST(Formats, one_nobody_knows_has_its_place_and_the_known_ones) {
  const auto config = config_of("[[mqtt]]\nurl = \"mqtt://h\"\ntopics = [\"#\"]\nformat = \"tasmoto\"\n");
  const auto errors = check_formats(config);
  ASSERT_EQ(errors.size(), 1U);
  EXPECT_THAT(to_string(errors[0]), HasSubstr("main.toml:4:10: mqtt[0].format"));
  EXPECT_THAT(to_string(errors[0]), HasSubstr("tasmota"));
  EXPECT_TRUE(
      check_formats(config_of("[[mqtt]]\nurl = \"mqtt://h\"\ntopics = [\"#\"]\nformat = \"rtl_433\"\n"))
          .empty());
}

TEST(Schema, no_name_twice_and_every_key_explained) {
  for (const auto& section : sections()) {
    std::vector<std::string_view> names;
    for (const auto& field : section.fields) {
      EXPECT_FALSE(field.meaning.empty()) << field.name;
      EXPECT_THAT(names, testing::Not(testing::Contains(field.name)));
      names.push_back(field.name);
    }
  }
}

}  // namespace
}  // namespace weather::gateway
