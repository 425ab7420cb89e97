#include "bridge/thinning/changes.hpp"

#include <cmath>
#include <random>

#include <gtest/gtest.h>

#include "tests/unit/thinning/said.hpp"

namespace weather::bridge {
namespace {

RouteOptions route(std::map<std::string, double, std::less<>> changes, std::int64_t heartbeat_s = 600) {
  RouteOptions options;
  options.thinning.heartbeat = std::chrono::seconds(heartbeat_s);
  options.thinning.changes = std::move(changes);
  return options;
}

struct Line {
  explicit Line(const RouteOptions& options) : changes(options) {}
  bool sends(std::int64_t at_s, std::initializer_list<Says> values, const std::string& sensor = "roof") {
    return changes.sends(said(sensor, at_s, values).SerializeAsString(), at_s * ns);
  }
  Changes changes;
};

TEST(Changes, AReadingThatSaysNothingNewIsNotSent) {
  Line line(route({{"air_temperature", 0.2}}));
  EXPECT_TRUE(line.sends(0, {{"air_temperature", 20.1}})) << "the first";
  EXPECT_FALSE(line.sends(10, {{"air_temperature", 20.2}}));
  EXPECT_TRUE(line.sends(20, {{"air_temperature", 20.3}})) << "0.2 away from what was sent";
  EXPECT_FALSE(line.sends(30, {{"air_temperature", 20.2}}));
  EXPECT_TRUE(line.sends(40, {{"air_temperature", 20.3}, {"relative_humidity", 50}})) << "a new quantity";
  EXPECT_TRUE(line.sends(50, {{"air_temperature", 20.3}, {"relative_humidity", 51}}))
      << "of others any is one";
  EXPECT_TRUE(line.sends(60, {{"air_temperature", 20.3}})) << "one is gone";
  EXPECT_TRUE(line.sends(60, {{"air_temperature", 20.3}}, "shed")) << "each sensor by itself";
}

TEST(Changes, SlowDriftIsSentOnceItIsAChange) {
  Line line(route({{"air_temperature", 1}}, 86'400));
  int sent = 0;
  for (int i = 0; i <= 1000; ++i) sent += line.sends(i, {{"air_temperature", i * 0.01}}) ? 1 : 0;
  EXPECT_EQ(sent, 11);
}

TEST(Changes, TheHeartbeatIsSentAndSoIsWhatComesBeforeItByTheClock) {
  Line line(route({}, 60));
  EXPECT_TRUE(line.sends(0, {{"air_temperature", 20}}));
  EXPECT_FALSE(line.sends(59, {{"air_temperature", 20}}));
  EXPECT_TRUE(line.sends(60, {{"air_temperature", 20}}));
  EXPECT_TRUE(line.sends(10, {{"air_temperature", 20}})) << "the clock was set back";
  EXPECT_FALSE(line.sends(11, {{"air_temperature", 20}}));
  line.changes.forget();
  EXPECT_TRUE(line.sends(12, {{"air_temperature", 20}}));
}

TEST(Changes, NorthIsOneDirection) {
  Line line(route({{"wind_from_direction", 10}}));
  EXPECT_TRUE(line.sends(0, {{"wind_from_direction", 355}}));
  EXPECT_FALSE(line.sends(1, {{"wind_from_direction", 4}}));
  EXPECT_TRUE(line.sends(2, {{"wind_from_direction", 5}}));
}

TEST(Changes, AFlagThatChangesIsNewAndWhatCannotBeReadIsNotForHere) {
  Line line(route({}));
  auto reading = said("roof", 0, {{"air_temperature", 20}});
  EXPECT_TRUE(line.changes.sends(reading.SerializeAsString(), 0));
  EXPECT_FALSE(line.changes.sends(reading.SerializeAsString(), 1));
  reading.set_flags(v1::FLAG_BATTERY_LOW);
  EXPECT_TRUE(line.changes.sends(reading.SerializeAsString(), 2));
  EXPECT_TRUE(line.changes.sends("\xFF\xFF", 3));
  EXPECT_TRUE(line.changes.sends("\xFF\xFF", 3));
}

// Whatever comes: at no time is what was sent last further away than the smallest change, nor older than the
// heartbeat, and of what was sent each is one or the other.
TEST(Changes, WhatWasSentLastIsAlwaysNearAndNeverOld) {
  for (unsigned seed = 1; seed <= 50; ++seed) {
    std::mt19937 random(seed);
    const double smallest = 0.1 * static_cast<double>(random() % 20);
    const auto heartbeat_s = static_cast<std::int64_t>(1 + random() % 100);
    Line line(route({{"air_temperature", smallest}}, heartbeat_s));
    std::int64_t at_s = 0, sent_s = 0;
    double value = 20, sent = 1e9;
    for (int i = 0; i < 500; ++i) {
      at_s += static_cast<std::int64_t>(random() % 20);
      value = std::round((value + 0.1 * (static_cast<double>(random() % 11) - 5)) * 10) / 10;
      const bool changed = smallest == 0 ? value != sent : std::abs(value - sent) >= smallest - 1e-6;
      const bool due = i == 0 || at_s - sent_s >= heartbeat_s || changed;
      ASSERT_EQ(line.sends(at_s, {{"air_temperature", value}}), due)
          << "seed " << seed << ", reading " << i << ": " << value << " after " << sent;
      if (due) {
        sent = value;
        sent_s = at_s;
      }
    }
  }
}

}  // namespace
}  // namespace weather::bridge
