#include "sensors/pulse/pulse_reading.hpp"

#include <gtest/gtest.h>

#include "sensors/reading/builder.hpp"
#include "sensors/reading/render.hpp"

namespace weather::sensors {
namespace {

constexpr std::int64_t second = 1'000'000'000;
// The Raspberry Pi's kit: 0.2794 mm a tip, 2.4 km/h for each pulse a second.
constexpr PulseScale kit_scale{0.2794, 2.4 / 3.6, 0};

std::string json(PulseKind kind, const PulseReport& report, const VaneWindow* vane = nullptr,
                 const PulseScale& scale = kit_scale) {
  return render_value_json(pulse_reading("pulse:x", {kind, 60 * second}, scale, report, vane));
}

TEST(PulseReading, RainIsACounterInMillimetres) {
  const auto reading =
      pulse_reading("pulse:rain", {PulseKind::rain, 60 * second}, kit_scale, {0, 100}, nullptr);
  EXPECT_EQ(reading.sensor_id(), "pulse:rain");
  EXPECT_EQ(reading.quantities(0).stat(), v1::STAT_COUNTER);
  EXPECT_EQ(render_value_json(reading), R"({"rain":27.94})");
  EXPECT_EQ(json(PulseKind::rain, {0, 3}), R"({"rain":0.8382})");
}

TEST(PulseReading, ACountIsAWholeNumber) {
  EXPECT_EQ(json(PulseKind::count, {0, 12'345'678'901}), R"({"pulse_count":12345678901})");
}

TEST(PulseReading, WindIsTheMeanOfTheWindowAndTheBusiestThreeSeconds) {
  const auto reading =
      pulse_reading("pulse:wind", {PulseKind::wind, 60 * second}, kit_scale, {0, 0, true, 90, 9}, nullptr);
  EXPECT_EQ(render_value_json(reading), R"({"wind_speed":1,"wind_gust":2})");
  EXPECT_EQ(reading.quantities(0).period_s(), 60U);
  EXPECT_EQ(reading.quantities(0).stat(), v1::STAT_MEAN);
  EXPECT_EQ(reading.quantities(1).period_s(), 3U);
}

TEST(PulseReading, AnOffsetCountsWhileTheCupsTurn) {
  const PulseScale scale{0, 0.7, 0.3};
  EXPECT_EQ(json(PulseKind::wind, {0, 0, true, 60, 6}, nullptr, scale),
            R"({"wind_speed":1,"wind_gust":1.7})");
  EXPECT_EQ(json(PulseKind::wind, {0, 0, true, 0, 0}, nullptr, scale), R"({"wind_speed":0,"wind_gust":0})");
}

// A window of 4 s with a pulse at each end: its mean is more than its busiest three seconds.
TEST(PulseReading, AGustIsNeverBelowTheMean) {
  const auto reading =
      pulse_reading("x", {PulseKind::wind, 4 * second}, {0, 1, 0}, {0, 0, true, 2, 1}, nullptr);
  EXPECT_EQ(render_value_json(reading), R"({"wind_speed":0.5,"wind_gust":0.5})");
}

TEST(PulseReading, TheDirectionIsThatOfTheVaneAndACalmHasNone) {
  const VaneWindow east{90.04, ""}, north{359.97, ""}, none{std::nullopt, ""},
      broken{std::nullopt, "3300 mV is not in the table"};
  const PulseReport wind{0, 0, true, 90, 9}, calm{0, 0, true, 0, 0};
  EXPECT_EQ(json(PulseKind::wind, wind, &east), R"({"wind_speed":1,"wind_gust":2,"wind_direction":90})");
  EXPECT_EQ(json(PulseKind::wind, wind, &north), R"({"wind_speed":1,"wind_gust":2,"wind_direction":0})");
  EXPECT_EQ(json(PulseKind::wind, wind, &none), R"({"wind_speed":1,"wind_gust":2})");
  EXPECT_EQ(json(PulseKind::wind, calm, &east), R"({"wind_speed":0,"wind_gust":0})");
  EXPECT_EQ(json(PulseKind::wind, wind, &broken),
            R"({"wind_speed":1,"wind_gust":2,"wind_direction":null,)"
            R"("quality":{"wind_direction":"missing"},"vane":"3300 mV is not in the table"})");
}

}  // namespace
}  // namespace weather::sensors
