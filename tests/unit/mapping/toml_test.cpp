#include "sensors/mapping/toml.hpp"

#include <gmock/gmock.h>

#include "sensors/mapping/formats.hpp"
#include "sensors/reading/builder.hpp"

namespace weather::sensors {
namespace {

using testing::HasSubstr;

std::string first_error(std::string_view toml) {
  const auto mappings = mappings_from_text(toml);
  if (mappings) return "no error";
  const auto& error = mappings.error().front();
  return std::to_string(error.line) + ":" + std::to_string(error.column) + " " + error.text;
}

Reading decode(std::string_view toml, std::string_view topic, std::string_view payload) {
  auto mappings = mappings_from_text(toml);
  EXPECT_TRUE(mappings) << (mappings ? "" : first_error(toml));
  if (!mappings) return {};
  Message message;
  message.topic = topic;
  message.payload = payload;
  const auto readings = Mapper(std::move(*mappings)).decode(message);
  EXPECT_TRUE(readings) << (readings ? "" : readings.error().text);
  return readings && !readings->empty() ? readings->front() : Reading{};
}

constexpr std::string_view own = R"(
[[mapping]]
name = "roof"
topics = ["station/{device}/json"]
id = "roof:{device}:{/serial}"
time = [{ path = "/time", utc = true }]
[[mapping.field]]
path = "/outside/{part}/temp"
quantity = "temperature"
unit = "F"
part = "probe.{part}"
missing = [-9999]
[[mapping.field]]
path = "/raw"
quantity = "wind_speed"
unit = "m/s"
scale = 0.1
offset = 1
stat = "mean"
period_s = 60
[[mapping.field]]
path = "/password"
target = "drop"
)";

TEST(MappingToml, AUserWritesTheirOwn) {
  const auto r = decode(
      own, "station/a/json",
      R"({"serial":17,"time":"2025-09-20T06:30:00","outside":{"n":{"temp":71.78},"s":{"temp":-9999}},"raw":"125","password":"x","note":true})");
  EXPECT_EQ(r.sensor_id(), "roof:a:17");
  ASSERT_EQ(r.quantities_size(), 3);
  EXPECT_EQ(r.quantities(0).name(), "air_temperature");
  EXPECT_EQ(r.quantities(0).part(), "probe.n");
  EXPECT_EQ(r.quantities(0).number(), 22.1);
  EXPECT_EQ(r.quantities(2).number(), 13.5);
  EXPECT_EQ(r.quantities(2).stat(), v1::STAT_MEAN);
  EXPECT_EQ(r.quantities(2).period_s(), 60U);
  EXPECT_EQ(r.event_time_ns(), 1758349800000000000U);
  EXPECT_EQ(r.extra_json(), R"({"serial":17,"note":true})");
}

TEST(MappingToml, ASentinelIsMissingAndMarked) {
  const auto r = decode(own, "station/a/json", R"({"serial":17,"outside":{"s":{"temp":-9999}}})");
  ASSERT_EQ(r.quantities_size(), 1);
  EXPECT_EQ(r.quantities(0).value_case(), v1::Quantity::VALUE_NOT_SET);
  EXPECT_EQ(r.quantities(0).quality(), v1::QUALITY_MISSING);
  EXPECT_EQ(r.quantities(0).qc(), v1::QC_SENTINEL);
}

TEST(MappingToml, CommonNamesNeedNoRules) {
  const auto r = decode("[[mapping]]\ntopics = [\"t/{d}\"]\nid = \"{d}\"\ncommon_names = true\n", "t/x",
                        R"({"temperature":22.5,"indoor":{"hum":"41"},"other":1})");
  ASSERT_EQ(r.quantities_size(), 2);
  EXPECT_EQ(r.quantities(1).name(), "relative_humidity");
  EXPECT_EQ(r.quantities(1).part(), "indoor");
  EXPECT_EQ(r.extra_json(), R"({"other":1})");
}

TEST(MappingToml, FieldsBesideAPresetComeFirst) {
  const auto r = decode(
      "[[mapping]]\npreset = \"tasmota\"\n[[mapping.field]]\npath = \"/DS18B20/Temperature\"\nquantity = "
      "\"soil_temperature\"\n",
      "tele/a/SENSOR", R"({"DS18B20":{"Temperature":9.5},"AM2301":{"Temperature":10}})");
  ASSERT_EQ(r.quantities_size(), 2);
  EXPECT_EQ(r.quantities(0).name(), "soil_temperature");
  EXPECT_EQ(r.quantities(1).name(), "air_temperature");
}

TEST(MappingToml, MistakesHaveTheirPlace) {
  EXPECT_THAT(first_error("[[mapping]]\npreset = \"tasmotta\"\n"),
              HasSubstr("2:10 no preset \"tasmotta\"; there are esphome"));
  EXPECT_THAT(first_error("[[mapping]]\ntopics = [\"a\"]\nidd = \"x\"\n"),
              HasSubstr("3:7 [[mapping]] has no key \"idd\""));
  EXPECT_THAT(first_error("[[mapping]]\ntopics = [\"a/{b\"]\n"), HasSubstr("no \"}\""));
  EXPECT_THAT(first_error("[[mapping]]\ntopics = \"a\"\n"), HasSubstr("list of texts"));
  EXPECT_THAT(first_error("[[mapping]]\ntopics = [\"a\"]\nid = \"x\"\n"),
              HasSubstr("needs a [[mapping.field]]"));
  EXPECT_THAT(first_error("[[mapping]]\ntopics = [\"a\"]\nid = 3\n"), HasSubstr("text in quotes"));
  EXPECT_THAT(first_error("[[mapping]]\nrepeats = \"maybe\"\n"),
              HasSubstr("keep, flag, drop, not \"maybe\""));
  EXPECT_THAT(first_error("[[mapping]]\n[[mapping.field]]\npath = \"/t\"\n"), HasSubstr("needs a quantity"));
  EXPECT_THAT(first_error("[[mapping]]\n[[mapping.field]]\npath = \"t\"\nquantity = \"x\"\n"),
              HasSubstr("starts with"));
  EXPECT_THAT(
      first_error("[[mapping]]\n[[mapping.field]]\npath = \"/t\"\nquantity = \"x\"\nunit = \"furlong\"\n"),
      HasSubstr("unknown unit"));
  EXPECT_THAT(first_error("[[mapping]]\n[[mapping.field]]\npath = \"/t\"\nquantity = \"x\"\nscale = \"2\"\n"),
              HasSubstr("is a number"));
  EXPECT_THAT(first_error("[[mapping]]\nfield = 3\n"), HasSubstr("list of tables"));
  EXPECT_THAT(first_error("mapping = 3\n"), HasSubstr("no [[mapping]]"));
  EXPECT_THAT(first_error("[[mapping\n"), HasSubstr("1:"));
}

TEST(MappingToml, AllMistakesAtOnce) {
  const auto mappings = mappings_from_text("[[mapping]]\npayload = \"xml\"\nrepeats = \"x\"\ncolour = 1\n");
  ASSERT_FALSE(mappings);
  EXPECT_EQ(mappings.error().size(), 3U);
}

TEST(Formats, EachPresetIsAFormatWithABase) {
  Registry registry;
  add_presets(registry);
  ASSERT_NE(registry.find("zigbee2mqtt"), nullptr);
  const auto decode_z2m = registry.make("zigbee2mqtt", {{"base", "z"}});
  ASSERT_TRUE(decode_z2m);
  Message message;
  message.topic = "z/shed";
  message.payload = R"({"temperature":1})";
  const auto readings = (*decode_z2m)(message);
  ASSERT_TRUE(readings);
  EXPECT_EQ(readings->front().sensor_id(), "zigbee2mqtt:shed");
  EXPECT_THAT(registry.make("zigbee2mqtt", {{"bass", "z"}}).error(), HasSubstr("has the setting base only"));
}

}  // namespace
}  // namespace weather::sensors
