#include "sensors/reading/render.hpp"

#include <gtest/gtest.h>

#include "sensors/reading/builder.hpp"

namespace weather::sensors {
namespace {

v1::Reading sample() {
  v1::Reading reading;
  add_quantity(reading, {.name = "temperature"}, 22.5);
  add_quantity(reading, {.name = "humidity"}, std::int64_t{60});
  reading.mutable_location()->set_name("Nairobi");
  return reading;
}

TEST(Render, TheArticlesSampleComesOutByteForByte) {
  EXPECT_EQ(render_value_json(sample()), R"({"temperature":22.5,"humidity":60,"location":"Nairobi"})");
}

TEST(Render, ExtraMembersFollowTheLocation) {
  auto reading = sample();
  reading.set_extra_json(R"({"wifi":{"rssi":-60}})");
  EXPECT_EQ(render_value_json(reading),
            R"({"temperature":22.5,"humidity":60,"location":"Nairobi","wifi":{"rssi":-60}})");
}

TEST(Render, NothingAtAllIsAnEmptyObject) {
  v1::Reading reading;
  EXPECT_EQ(render_value_json(reading), "{}");
  reading.set_extra_json(R"({"a":[]})");
  EXPECT_EQ(render_value_json(reading), R"({"a":[]})");
}

TEST(Render, TextBooleansAndNullsKeepTheirTypes) {
  v1::Reading reading;
  add_quantity(reading, {.name = "state"}, std::string_view{"it \"rains\"\n"});
  add_quantity(reading, {.name = "door"}, false);
  add_quantity(reading, {.name = "pressure"}, std::monostate{});
  EXPECT_EQ(render_value_json(reading), R"({"state":"it \"rains\"\n","door":false,"pressure":null})");
}

TEST(Render, SubSensorsAndStatisticsAreSuffixes) {
  v1::Reading reading;
  add_quantity(reading, {.name = "temperature", .part = "indoor"}, 21.0);
  add_quantity(reading, {.name = "soil_moisture", .part = "soil.1"}, std::int64_t{40});
  add_quantity(reading, {.name = "wind_speed", .stat = v1::STAT_MAX}, 3.5);
  EXPECT_EQ(render_value_json(reading),
            R"({"temperature_indoor":21,"soil_moisture_soil_1":40,"wind_speed_max":3.5})");
}

TEST(Render, TwoQuantitiesOfOneNameAreBothThere) {
  v1::Reading reading;
  for (int i = 0; i < 3; ++i) add_quantity(reading, {.name = "temperature"}, 20.0 + i);
  EXPECT_EQ(render_value_json(reading), R"({"temperature":20,"temperature_2":21,"temperature_3":22})");
}

TEST(Render, ImperialUnitsComeFromTheSourceWhereItHadThem) {
  v1::Reading reading;
  add_quantity(reading, {.name = "temperature", .unit = "[degF]", .source_field = "tempf"}, 71.78);
  add_quantity(reading, {.name = "pressure"}, 1013.25);
  add_quantity(reading, {.name = "humidity"}, std::int64_t{60});
  RenderOptions options;
  options.units = UnitSystem::imperial;
  EXPECT_EQ(render_value_json(reading, options),
            R"({"temperature":71.78,"pressure":29.921252401894762,"humidity":60})");
  EXPECT_EQ(render_value_json(reading), R"({"temperature":22.1,"pressure":1013.25,"humidity":60})");
}

TEST(Render, MetricConvertsWhatIsStoredOtherwise) {
  v1::Reading reading;
  auto& quantity = add_quantity(reading, {.name = "temperature"}, 71.78);
  quantity.set_unit("[degF]");
  RenderOptions options;
  EXPECT_EQ(render_value_json(reading, options), R"({"temperature":71.78})");
  options.units = UnitSystem::metric;
  EXPECT_EQ(render_value_json(reading, options), R"({"temperature":22.1})");
}

TEST(Render, AConfiguredAliasWinsOverTheBuiltInOne) {
  RenderOptions options;
  options.aliases["air_temperature"] = "temp";
  EXPECT_EQ(render_value_json(sample(), options), R"({"temp":22.5,"humidity":60,"location":"Nairobi"})");
}

TEST(Render, CoordinatesAreMembersWhenKnown) {
  v1::Reading reading;
  reading.mutable_location()->set_latitude(-1.286389);
  reading.mutable_location()->set_longitude(36.817223);
  EXPECT_EQ(render_value_json(reading), R"({"latitude":-1.286389,"longitude":36.817223})");
}

}  // namespace
}  // namespace weather::sensors
