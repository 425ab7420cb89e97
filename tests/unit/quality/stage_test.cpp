#include "sensors/quality/stage.hpp"

#include <gtest/gtest.h>

#include "sensors/reading/builder.hpp"
#include "sensors/reading/render.hpp"

namespace weather::sensors {
namespace {

constexpr std::int64_t one_second = 1'000'000'000;

v1::Reading rain(double counter) {
  v1::Reading reading;
  reading.set_sensor_id("roof");
  add_quantity(reading, {.name = "rain", .stat = v1::STAT_COUNTER}, counter);
  return reading;
}

TEST(Stage, ANewBatteryKeepsTheSensorsName) {
  Stage stage({.sensor_names = {{"rtl433:WH2:133", "roof"}}});
  v1::Reading reading;
  reading.set_sensor_id("rtl433:WH2:133");
  stage.apply(reading, one_second);
  EXPECT_EQ(reading.sensor_id(), "roof");
  EXPECT_EQ(reading.labels().at("device"), "rtl433:WH2:133");
  v1::Reading other;
  other.set_sensor_id("rtl433:WH2:7");
  stage.apply(other, one_second);
  EXPECT_EQ(other.sensor_id(), "rtl433:WH2:7");
  EXPECT_TRUE(other.labels().empty());
}

TEST(Stage, ByDefaultItFlagsAndAddsNothing) {
  Stage stage({});
  v1::Reading reading = rain(10);
  add_quantity(reading, {.name = "temperature"}, 22.5);
  add_quantity(reading, {.name = "humidity"}, std::int64_t{60});
  const auto before = render_value_json(reading);
  stage.apply(reading, one_second);
  EXPECT_EQ(render_value_json(reading), before);
  EXPECT_EQ(reading.quantities(1).quality(), v1::QUALITY_GOOD);
}

TEST(Stage, TheRainBetweenReadingsStandsBesideTheCounter) {
  Stage stage({.rain_delta = true});
  auto first = rain(335.1), next = rain(335.4), glitch = rain(49);
  stage.apply(first, one_second);
  stage.apply(next, 2 * one_second);
  stage.apply(glitch, 3 * one_second);
  EXPECT_EQ(render_value_json(first), R"({"rain":335.1})");
  EXPECT_EQ(render_value_json(next), R"({"rain":335.4,"rain_delta":0.3})");
  EXPECT_EQ(render_value_json(glitch), R"({"rain":49,"quality":{"rain":"doubtful"}})");
  EXPECT_EQ(glitch.quantities(0).quality(), v1::QUALITY_DOUBTFUL);
}

TEST(Stage, ARetainedCounterIsNotCountedTwice) {
  Stage stage({.rain_delta = true});
  auto first = rain(10), retained = rain(5), next = rain(10.2);
  retained.set_flags(v1::FLAG_RETAINED);
  for (auto* reading : {&first, &retained, &next}) stage.apply(*reading, one_second);
  EXPECT_EQ(render_value_json(next), R"({"rain":10.2,"rain_delta":0.2})");
}

TEST(Stage, TheDewPointIsAddedWhereAskedForAndUnknown) {
  Stage stage({.dew_point = true});
  v1::Reading reading;
  add_quantity(reading, {.name = "temperature"}, 22.5);
  add_quantity(reading, {.name = "humidity"}, std::int64_t{60});
  stage.apply(reading, one_second);
  EXPECT_EQ(render_value_json(reading), R"({"temperature":22.5,"humidity":60,"dew_point":14.34})");
  v1::Reading known;
  add_quantity(known, {.name = "temperature"}, 22.5);
  add_quantity(known, {.name = "humidity"}, std::int64_t{60});
  add_quantity(known, {.name = "dew_point"}, 14.0);
  stage.apply(known, one_second);
  EXPECT_EQ(known.quantities_size(), 3);
}

TEST(DewPoint, AgreesWithThePsychrometricTables) {
  EXPECT_NEAR(*dew_point(20, 50), 9.26, 0.05);
  EXPECT_NEAR(*dew_point(0, 80), -3.05, 0.05);
  EXPECT_NEAR(*dew_point(35, 90), 33.1, 0.1);
  EXPECT_NEAR(*dew_point(10, 100), 10, 1e-9);
  EXPECT_NEAR(*dew_point(10, 103), 10, 1e-9);
  EXPECT_FALSE(dew_point(10, 0));
  EXPECT_FALSE(dew_point(80, 50));
}

}  // namespace
}  // namespace weather::sensors
