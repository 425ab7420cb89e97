#include "sensors/quality/silence.hpp"

#include <gtest/gtest.h>

namespace weather::sensors {
namespace {

using namespace std::chrono_literals;
constexpr std::int64_t second = 1'000'000'000;

TEST(Silence, ASensorThatSpeaksEveryMinuteIsSilentAfterTenAndSaidOnce) {
  SilenceWatch watch({});
  for (int i = 0; i < 20; ++i) watch.heard("roof", i * 60 * second);
  constexpr std::int64_t last = 19 * 60;
  EXPECT_TRUE(watch.poll((last + 599) * second).empty());
  const auto changes = watch.poll((last + 600) * second);
  ASSERT_EQ(changes.size(), 1U);
  EXPECT_EQ(changes[0].sensor_id, "roof");
  EXPECT_TRUE(changes[0].silent);
  EXPECT_EQ(changes[0].limit, 600s);
  EXPECT_TRUE(watch.poll((last + 700) * second).empty());
  EXPECT_TRUE(watch.is_silent("roof"));
}

TEST(Silence, ItsReturnIsSaidOnce) {
  SilenceWatch watch({});
  watch.heard("roof", 0);
  watch.heard("roof", 60 * second);
  EXPECT_EQ(watch.poll(10'000 * second).size(), 1U);
  watch.heard("roof", 10'001 * second);
  const auto changes = watch.poll(10'002 * second);
  ASSERT_EQ(changes.size(), 1U);
  EXPECT_FALSE(changes[0].silent);
  EXPECT_TRUE(watch.poll(10'003 * second).empty());
}

TEST(Silence, TheGapOfASilenceIsNotItsUsualInterval) {
  SilenceWatch watch({});
  watch.heard("roof", 0);
  watch.heard("roof", 60 * second);
  watch.poll(50'000 * second);
  watch.heard("roof", 50'000 * second);
  watch.poll(50'001 * second);
  EXPECT_TRUE(watch.poll(50'600 * second - 1).empty());
  EXPECT_EQ(watch.poll(50'600 * second).size(), 1U);
}

TEST(Silence, ASlowSensorIsGivenItsTime) {
  SilenceWatch watch({});
  for (int i = 0; i < 20; ++i) watch.heard("soil", i * 3600 * second);
  EXPECT_TRUE(watch.poll((19 + 4) * 3600 * second).empty());
  EXPECT_EQ(watch.poll((19 + 5) * 3600 * second).size(), 1U);
}

TEST(Silence, ASensorHeardOnceIsGivenADay) {
  SilenceWatch watch({});
  watch.heard("new", 0);
  EXPECT_TRUE(watch.poll(86'399 * second).empty());
  EXPECT_EQ(watch.poll(86'400 * second).size(), 1U);
}

TEST(Silence, AFixedLimitCounts) {
  SilenceWatch watch({.fixed = {{"roof", 30s}}});
  watch.heard("roof", 0);
  EXPECT_EQ(watch.poll(30 * second).size(), 1U);
}

TEST(Silence, NobodyKnownIsNobodySilent) {
  SilenceWatch watch({});
  EXPECT_TRUE(watch.poll(1'000'000 * second).empty());
  EXPECT_FALSE(watch.is_silent("roof"));
}

TEST(Silence, ASensorWithALimitOfItsOwnIsMissedEvenIfItNeverSpoke) {
  SilenceRules rules;
  rules.fixed = {{"roof", 30s}, {"cellar", 0s}};
  SilenceWatch watch(rules);
  watch.expect(100 * second);
  EXPECT_TRUE(watch.poll(129 * second).empty());
  EXPECT_EQ(watch.never_heard(), std::vector<std::string>{"roof"});
  const auto changes = watch.poll(130 * second);
  ASSERT_EQ(changes.size(), 1U);
  EXPECT_EQ(changes[0].sensor_id, "roof");
  EXPECT_FALSE(changes[0].heard);
  watch.heard("roof", 200 * second);
  ASSERT_EQ(watch.poll(201 * second).size(), 1U);
  EXPECT_TRUE(watch.never_heard().empty());
}

TEST(Silence, ALimitOfZeroIsNoLimit) {
  SilenceRules rules;
  rules.fixed = {{"gate", 0s}};
  SilenceWatch watch(rules);
  watch.heard("gate", second);
  EXPECT_TRUE(watch.poll(10'000'000 * second).empty());
}

TEST(Silence, SwitchedOffNobodyIsEverSilent) {
  SilenceRules rules;
  rules.enabled = false;
  SilenceWatch watch(rules);
  watch.heard("roof", second);
  watch.heard("roof", 2 * second);
  EXPECT_TRUE(watch.poll(10'000'000 * second).empty());
}

}  // namespace
}  // namespace weather::sensors
