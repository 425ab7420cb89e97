#include "gateway/app/explain.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gateway/app/redecode.hpp"
#include "gateway/config/load.hpp"

namespace weather::gateway {
namespace {

using testing::AllOf;
using testing::HasSubstr;

Config config_of(const std::string& toml) {
  const std::vector<ConfigText> texts{{"main.toml", toml}};
  auto config = load(texts, {});
  EXPECT_TRUE(config) << (config ? "" : to_string(config.error().front()));
  return config ? std::move(*config) : Config{};
}

Explanation explain(const Config& config, std::string_view topic, std::string_view payload,
                    const std::string& format = {}) {
  auto explanation = explain_sample(config, {topic, payload, format, 1'790'000'000'000'000'000, "gw-1"});
  EXPECT_TRUE(explanation) << (explanation ? "" : explanation.error());
  return explanation ? *explanation : Explanation{};
}

const std::string own_mapping = R"(
[[mqtt]]
url = "mqtt://127.0.0.1"
topics = ["station/#"]
format = "mapping"
name = "stations"
[[mapping]]
name = "roof"
topics = ["station/{device}/json"]
id = "roof:{device}"
[[mapping.field]]
path = "/temp"
quantity = "air_temperature"
unit = "F"
)";

TEST(ExplainSample, ShowsTheRuleOfEachFieldAndTheRecord) {
  const auto said = explain(config_of(own_mapping), "station/shed/json", R"({"temp":71.78,"serial":17})");
  EXPECT_TRUE(said.reading);
  EXPECT_THAT(said.text,
              AllOf(HasSubstr("broker mqtt://127.0.0.1, format mapping"),
                    HasSubstr("mapping roof, device = \"shed\""),
                    HasSubstr("/temp = 71.78 -> air_temperature 22.1 Cel (rule /temp)"),
                    HasSubstr("/serial = 17 -> kept as it came: no rule for it"),
                    HasSubstr("Kafka gets: key roof:shed, value {\"temperature\":22.1,\"serial\":17}")));
}

// The units of a source, however its messages come in, at first and when they are decoded again.
TEST(ExplainSample, TheUnitsOfASourceAreThoseOfEachKindOfSource) {
  const std::string units = "units = { temperature = \"F\" }\nname = \"s\"\n";
  const struct {
    std::string source, topic, payload;
  } kinds[] = {
      {"[[mqtt]]\nurl = \"mqtt://127.0.0.1\"\ntopics = [\"w/#\"]\nformat = \"json\"\n", "w/z",
       R"({"temperature":68})"},
      {"[[listener]]\nlisten = \"127.0.0.1:1883\"\ntopics = [\"w/#\"]\nformat = \"json\"\n", "w/z",
       R"({"temperature":68})"},
      {"[[lines]]\npath = \"-\"\nformat = \"json\"\n", "-", R"({"id":"z","temperature":68})"},
      {"[[http]]\nlisten = \"127.0.0.1:8080\"\n", "/v1/readings", R"({"id":"z","temperature":68})"},
  };
  for (const auto& kind : kinds) {
    const auto config = config_of(kind.source + units);
    const auto said = explain(config, kind.topic, kind.payload);
    EXPECT_THAT(said.text, HasSubstr("value {\"temperature\":20}")) << kind.source << said.text;
    const auto decoder = decoder_of_source(config, "s", kind.topic);
    ASSERT_TRUE(decoder) << kind.source << decoder.error();
    sensors::Message message;
    message.topic = kind.topic;
    message.payload = kind.payload;
    const auto readings = (*decoder)(message);
    ASSERT_TRUE(readings) << kind.source;
    EXPECT_EQ(readings->front().quantities(0).number(), 20) << kind.source;
  }
}

TEST(ExplainSample, SaysWhyNothingBecomesOfIt) {
  const auto said = explain(config_of(own_mapping), "station/shed/json", R"({"humidity":60})");
  EXPECT_FALSE(said.reading);
  EXPECT_THAT(said.text, HasSubstr("no reading (no_quantity)"));
  const auto unheard = explain(config_of(own_mapping), "else/where", "{}");
  EXPECT_FALSE(unheard.reading);
  EXPECT_THAT(unheard.text,
              AllOf(HasSubstr("no source subscribes to topic \"else/where\""), HasSubstr("station/#")));
}

TEST(ExplainSample, FormatsWithoutRulesShowWhatTheyMadeOfIt) {
  const auto config = config_of(
      "[kafka]\nunits = \"imperial\"\n[sensors]\nnames = { \"rtl433:Acurite-5n1:A:839\" = \"roof\" }\n"
      "[[mqtt]]\nurl = \"mqtt://h\"\ntopics = [\"rtl_433/+/events\"]\nformat = \"rtl_433\"\n");
  const auto said = explain(
      config, "rtl_433/pi/events",
      R"({"time":"@0.13s","model":"Acurite-5n1","id":839,"channel":"A","temperature_F":71.78,"wind_avg_km_h":3600,"odd":[1]})");
  EXPECT_TRUE(said.reading);
  EXPECT_THAT(said.text, AllOf(HasSubstr("sensor rtl433:Acurite-5n1:A:839"), HasSubstr("event time: arrival"),
                               HasSubstr("temperature_F = 71.78 [degF] -> air_temperature 22.1 Cel"),
                               HasSubstr("kept as it is, no quantity: "),
                               HasSubstr("quality: wind_speed is out of range"),
                               HasSubstr("Kafka gets: key roof, value {\"temperature\":71.78")));
}

TEST(ExplainSample, StationsOnALanNeedNoSource) {
  const auto tempest =
      explain(config_of(""), "t",
              R"({"serial_number":"ST-1","type":"rapid_wind","ob":[1493322445,2.3,128],"new":1})", "tempest");
  EXPECT_THAT(tempest.text,
              AllOf(HasSubstr("/ob/0 -> time"), HasSubstr("kept as it is, no quantity: {\"new\":1}"),
                    HasSubstr("Kafka gets: key tempest:ST-1, value {\"wind_speed\":2.3,")));
  const auto davis =
      explain(config_of(""), "t", R"({"did":"A","conditions":[{"txid":1,"temp":68,"wet_bulb":null}]})",
              "weatherlink");
  EXPECT_THAT(davis.text, AllOf(HasSubstr("temp = 68 [degF] -> air_temperature 20 Cel"),
                                HasSubstr("key davis:A:1, value {\"temperature\":20,\"wet_bulb\":null")));
  const auto logger = explain(
      config_of(""), "t",
      R"({"properties":{"loggerID":"A","observationNames":["AirTC","door"],"observations":{"2024-10-03T19:42:00Z":[20,"shut"]}}})",
      "campbell");
  EXPECT_THAT(logger.text, HasSubstr("key campbell:A, value {\"temperature\":20,\"door\":\"shut\"}"));
}

TEST(ExplainSample, APathOfTheHttpListenerIsATopicToo) {
  const auto said = explain(config_of("[[http]]\n"), "/data/report/",
                            "PASSKEY=00&model=GW2000A&tempf=71.78&dateutc=2024-10-03+19:42:19");
  EXPECT_TRUE(said.reading) << said.text;
  EXPECT_THAT(said.text, HasSubstr("tempf = 71.78 [degF] -> air_temperature 22.1 Cel"));
}

TEST(ExplainSample, TheJsonFormHasTheRecordsAndWhatBecameOfEachField) {
  const auto config =
      config_of(own_mapping + "[kafka]\nheaders = { source = \"iot-gateway\", unit = \"metric\" }\n");
  const auto said = explain(config, "station/shed/json", R"({"temp":71.78,"serial":17,"sent":"-"})");
  EXPECT_EQ(
      said.json,
      R"({"schema_version":1,"good":true,"topic":"station/shed/json",)"
      R"("sources":[{"source":"broker mqtt://127.0.0.1","format":"mapping","outcome":"readings","reason":"","text":""}],)"
      R"("records":[{"route":"kafka","topic":"topic_weather","key":"roof:shed","value":{"temperature":22.1,"serial":17,"sent":"-"},)"
      R"("timestamp":"2026-09-21T14:13:20Z","headers":{"source":"iot-gateway","unit":"metric","content-type":"application/json",)"
      R"("ce_specversion":"1.0","ce_source":"/weather-gateway/gw-1","ce_type":"io.weather-gateway.weather.reading.v1",)"
      R"("ce_subject":"roof:shed","ce_id":"0000000000000000-1","ce_time":"2026-09-21T14:13:20Z"}}],)"
      R"x("read":[{"field":"/temp","became":"quantity","what":"air_temperature 22.1 Cel (rule /temp)"}],)x"
      R"("kept":[{"field":"/serial","became":"kept","what":"kept as it came: no rule for it"},)"
      R"({"field":"/sent","became":"kept","what":"kept as it came: no rule for it"}],"dropped":[],"flagged":[]})");
}

TEST(ExplainSample, TheJsonFormSaysWhyAValueIsFlaggedAndAFieldDropped) {
  const auto said = explain(config_of(""), "", "ID=K&PASSWORD=x&tempf=-9999&humidity=300", "wunderground");
  EXPECT_THAT(
      said.json,
      AllOf(
          HasSubstr(R"("dropped":[{"field":"PASSWORD","became":"dropped","what":"a secret"}])"),
          HasSubstr(
              R"({"key":"wunderground:K","member":"temperature","quality":"missing","why":"a number that means no sensor"})"),
          HasSubstr(R"("member":"humidity","quality":"erroneous","why":"out of range"})")));
  EXPECT_THAT(said.text, HasSubstr("PASSWORD -> dropped: a secret"));
}

TEST(ExplainSample, AFormatByNameNeedsNoSource) {
  const Config config = config_of("");
  EXPECT_TRUE(explain(config, "", "$WIMTA,21.4,C", "nmea").reading);
  EXPECT_TRUE(explain(config, "tele/r/SENSOR", R"({"BME280":{"Temperature":1}})", "tasmota").reading);
  EXPECT_THAT(explain(config, "", R"({"state":"ON"})", "json").json,
              HasSubstr(R"("outcome":"refused","reason":"no_sensor_id")"));
  const auto unknown = explain_sample(config, {"", "", "nonsense"});
  ASSERT_FALSE(unknown);
  EXPECT_THAT(unknown.error(), HasSubstr("unknown format \"nonsense\""));
}

sensors::Reading undecoded(const std::string& source, const std::string& topic, const std::string& raw) {
  sensors::Reading letter;
  letter.set_flags(v1::FLAG_PARSE_PARTIAL);
  letter.set_raw(raw);
  letter.set_received_time_ns(1'758'349'800'000'000'000U);
  letter.mutable_arrival()->set_source(source);
  letter.mutable_arrival()->set_topic(topic);
  return letter;
}

TEST(Redecode, TheRawBytesGoThroughThePresentMapping) {
  const auto readings =
      redecode(config_of(own_mapping), undecoded("stations", "station/shed/json", R"({"temp":71.78})"));
  ASSERT_TRUE(readings) << readings.error();
  ASSERT_EQ(readings->size(), 1U);
  EXPECT_EQ(readings->front().sensor_id(), "roof:shed");
  EXPECT_EQ(readings->front().flags(), v1::FLAG_HISTORICAL)
      << "late: it must not look like the present weather";
}

TEST(Redecode, TheSensorsOfAnotherUserStayForeign) {
  auto letter = undecoded("stations", "station/shed/json", R"({"temp":71.78})");
  letter.mutable_arrival()->mutable_owner()->set_user("roof");
  EXPECT_TRUE(redecode(config_of(own_mapping), letter));
  letter.mutable_arrival()->mutable_owner()->set_user("cellar");
  const auto foreign = redecode(config_of(own_mapping), letter);
  ASSERT_FALSE(foreign);
  EXPECT_EQ(foreign.error(), "sensor \"roof:shed\" is not one of user \"cellar\", who sent it; drop it");
  letter.mutable_arrival()->mutable_owner()->add_id_prefixes("roof:shed");
  EXPECT_TRUE(redecode(config_of(own_mapping), letter));
}

TEST(Redecode, WhatStillCannotBeReadSaysWhy) {
  const auto readings = redecode(config_of(own_mapping), undecoded("stations", "station/shed/json", "{"));
  ASSERT_FALSE(readings);
  EXPECT_THAT(readings.error(), HasSubstr("it still cannot be decoded: offset 1"));
}

TEST(Redecode, EverySourceIsFoundByItsName) {
  const auto config = config_of(
      "[[mqtt]]\nurl = \"mqtt://h\"\ntopics = [\"/v1/#\"]\n[[listener]]\n[[http]]\n[[lines]]\npath = "
      "\"in\"\nformat = "
      "\"rtl_433\"\n[[nmea]]\ndevice = \"/dev/ttyUSB0\"\n");
  for (const auto* source :
       {"mqtt:h:1883", "listener:127.0.0.1:1883", "http", "lines:in", "nmea:/dev/ttyUSB0", "send"})
    EXPECT_TRUE(decoder_of_source(config, source, "/v1/readings")) << source;
  const auto gone = decoder_of_source(config, "mqtt:elsewhere:1883", "t");
  ASSERT_FALSE(gone);
  EXPECT_THAT(gone.error(), HasSubstr("no source has this name any more"));
}

}  // namespace
}  // namespace weather::gateway
