#include "sensors/reading/render.hpp"

#include <set>
#include <span>

#include <gtest/gtest.h>

#include "sensors/reading/builder.hpp"
#include "sensors/reading/view.hpp"

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
  EXPECT_EQ(render_value_json(reading),
            R"({"state":"it \"rains\"\n","door":false,"pressure":null,"quality":{"pressure":"missing"}})");
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

TEST(Render, UnitsStandUnderTheNamesOfTheirMembers) {
  v1::Reading reading;
  add_quantity(reading, {.name = "temperature"}, 20.0);
  add_quantity(reading, {.name = "temperature"}, 21.0);
  add_quantity(reading, {.name = "soil_moisture", .part = "soil.1"}, std::int64_t{40});
  add_quantity(reading, {.name = "setpoint", .unit = "[degF]"}, 70.0);
  add_quantity(reading, {.name = "uv_index"}, 3.0);
  add_quantity(reading, {.name = "pressure"}, std::monostate{});
  add_quantity(reading, {.name = "level_F"}, 5.0);
  EXPECT_EQ(render_units_json(reading),
            R"({"temperature":"°C","temperature_2":"°C","soil_moisture_soil_1":"%","setpoint_F":"°F"})");
  RenderOptions imperial;
  imperial.units = UnitSystem::imperial;
  reading.mutable_quantities()->DeleteSubrange(1, 6);
  EXPECT_EQ(render_units_json(reading, imperial), R"({"temperature":"°F"})");
  EXPECT_EQ(render_units_json({}), "{}");
}

TEST(Render, ImperialUnitsComeFromTheSourceWhereItHadThem) {
  v1::Reading reading;
  add_quantity(reading, {.name = "temperature", .unit = "[degF]", .source_field = "tempf"}, 71.78);
  add_quantity(reading, {.name = "pressure"}, 1013.25);
  add_quantity(reading, {.name = "humidity"}, std::int64_t{60});
  RenderOptions options;
  options.units = UnitSystem::imperial;
  EXPECT_EQ(render_value_json(reading, options), R"({"temperature":71.78,"pressure":29.9213,"humidity":60})");
  EXPECT_EQ(render_value_json(reading), R"({"temperature":22.1,"pressure":1013.25,"humidity":60})");
}

TEST(Render, MetricConvertsWhatIsStoredOtherwise) {
  v1::Reading reading;
  auto& quantity = add_quantity(reading, {.name = "temperature"}, 71.78);
  quantity.set_unit("[degF]");
  RenderOptions options;
  EXPECT_EQ(render_value_json(reading, options), R"({"temperature_F":71.78})");
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

// Issue 17: a name stands once in an object, whoever brought it.
TEST(Render, AMemberOfExtraJsonNeverHasANameThatIsTaken) {
  auto reading = sample();
  reading.set_extra_json(
      R"({"temperature":1,"location":{"a":[1,{"temperature":"}"}]},"t\"x":2,"t\"x":3,"e":{}})");
  EXPECT_EQ(
      render_value_json(reading),
      R"({"temperature":22.5,"humidity":60,"location":"Nairobi","temperature_2":1,"location_2":{"a":[1,{"temperature":"}"}]},"t\"x":2,"t\"x_2":3,"e":{}})");
}

// Issue 17: every number is canonical or carries its own unit.
TEST(Render, AUnitThatIsNotTheCanonicalOneStandsInTheName) {
  v1::Reading reading;
  add_quantity(reading, {.name = "setpoint", .unit = "[degF]"}, 68.0);
  add_quantity(reading, {.name = "vpd", .unit = "[in_i'Hg]"}, 0.15);
  add_quantity(reading, {.name = "tyre_pressure", .unit = "[psi]", .part = "2"}, 32.5);
  add_quantity(reading, {.name = "temperature", .unit = "hPa"}, 1.0);
  add_quantity(reading, {.name = "soil_ec", .unit = "uS/cm"}, std::int64_t{50});
  add_quantity(reading, {.name = "probe_C", .unit = "Cel"}, 4.0);
  EXPECT_EQ(
      render_value_json(reading),
      R"({"setpoint_F":68,"vpd_inHg":0.15,"tyre_pressure_2_PSI":32.5,"temperature_raw_hPa":1,"soil_ec_uS_cm":50,"probe_C":4})");
  EXPECT_EQ(member_name(reading.quantities(0)), "setpoint_F");
}

v1::Reading tired() {
  auto reading = sample();
  reading.mutable_quantities(0)->set_quality(v1::QUALITY_DOUBTFUL);
  reading.mutable_quantities(1)->set_quality(v1::QUALITY_GOOD);
  reading.mutable_link()->set_battery_ratio(0.753F);
  reading.mutable_link()->set_battery_v(2.41F);
  reading.mutable_link()->set_rssi_dbm(-71);
  reading.set_flags(v1::FLAG_BATTERY_LOW);
  return reading;
}

// Issue 17: the status of the sensor reaches Kafka.
TEST(Render, WhatASensorSaysAboutItselfIsThereUnlessItIsSwitchedOff) {
  EXPECT_EQ(
      render_value_json(tired()),
      R"({"temperature":22.5,"humidity":60,"location":"Nairobi","battery_level":75.3,"battery_voltage":2.41,"battery_low":true,"signal_strength":-71,"quality":{"temperature":"doubtful"}})");
  RenderOptions options;
  options.status = false;
  EXPECT_EQ(render_value_json(tired(), options), render_value_json(sample()));
}

TEST(Render, TheStatusIsReadFromTheStoredBytesToo) {
  const auto bytes = tired().SerializeAsString();
  ReadingView stored;
  ASSERT_TRUE(read(std::as_bytes(std::span(bytes)), stored));
  std::string out;
  append_value_json(out, stored);
  EXPECT_EQ(out, render_value_json(tired()));
}

TEST(Render, TheQualityOfASecondMemberOfANameIsUnderItsOwnName) {
  v1::Reading reading;
  add_quantity(reading, {.name = "temperature"}, 1.0);
  add_quantity(reading, {.name = "temperature"}, 2.0).set_quality(v1::QUALITY_ERRONEOUS);
  EXPECT_EQ(render_value_json(reading),
            R"({"temperature":1,"temperature_2":2,"quality":{"temperature_2":"erroneous"}})");
}

TEST(Render, NamesThatComeAgainGetANumberHoweverManyThereAre) {
  for (const int count : {15, 16, 17, 18, 40, 3'000}) {
    v1::Reading reading;
    std::set<std::string> taken;
    std::string expected = "{";
    for (int i = 0; i < count; ++i) {
      const auto name = i % 3 == 0   ? "a" + std::to_string(i)
                        : i % 3 == 1 ? std::string("same")
                                     : "same_" + std::to_string(i);
      add_quantity(reading, {name}, 1.0);
      auto free = name;
      for (int n = 2; taken.contains(free); ++n) free = name + "_" + std::to_string(n);
      taken.insert(free);
      expected += (i == 0 ? "\"" : ",\"") + free + "\":1";
    }
    EXPECT_EQ(render_value_json(reading), expected + "}") << count;
  }
}

}  // namespace
}  // namespace weather::sensors
