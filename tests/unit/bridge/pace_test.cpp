#include "bridge/core/pace.hpp"

#include <array>

#include <gtest/gtest.h>

#include "bridge/core/budget.hpp"
#include "bridge/core/drain_eta.hpp"

namespace weather::bridge {
namespace {

using std::chrono::seconds;

TEST(Pace, NobodyAsksNobodySlowsDown) {
  Pace pace;
  for (int i = 0; i < 10; ++i) pace.update(0, 5000, Pace::Time(seconds(5 * i)));
  EXPECT_EQ(pace.per_second(), 0);
}

TEST(Pace, HalfAtOnceThenATenthMoreEachSecond) {
  Pace pace;
  pace.update(0, 4000, Pace::Time(seconds(5)));
  pace.update(120, 4000, Pace::Time(seconds(10)));
  EXPECT_DOUBLE_EQ(pace.per_second(), 2000);
  pace.update(0, 2000, Pace::Time(seconds(15)));
  EXPECT_NEAR(pace.per_second(), 2000 * 1.61051, 0.1);
  pace.update(80, 3000, Pace::Time(seconds(20)));
  EXPECT_NEAR(pace.per_second(), 1500, 0.1);
}

TEST(Pace, NeverStopsAndForgetsALimitThatIsGone) {
  Pace pace;
  for (int i = 1; i < 20; ++i) pace.update(1000, 3, Pace::Time(seconds(5 * i)));
  EXPECT_DOUBLE_EQ(pace.per_second(), 10);
  for (int i = 20; i < 25; ++i) pace.update(0, 10, Pace::Time(seconds(5 * i)));
  EXPECT_EQ(pace.per_second(), 0);
}

// A broker with a quota of 1,000 a second and a client that could do 20,000.
TEST(Pace, SettlesAroundAQuota) {
  Pace pace;
  double sent = 0;
  for (int i = 1; i <= 60; ++i) {
    const double rate = pace.per_second() == 0 ? 20000 : pace.per_second();
    const double passes = std::min(rate, 1000.0);
    pace.update(rate > 1000 ? 500 : 0, passes, Pace::Time(seconds(5 * i)));
    sent += passes * 5;
  }
  EXPECT_GT(sent, 0.75 * 1000 * 300);
}

// Takes as often as it may for ten seconds, `live` and `backlog` times a second at most.
std::array<int, 2> taken(Budget& budget, int live, int backlog) {
  std::array<int, 2> result{};
  for (int ms = 0; ms < 10000; ++ms) {
    const Budget::Time now{std::chrono::milliseconds(ms)};
    const auto wanted = [&](int a_second, int got) { return got < a_second * (ms + 1) / 1000; };
    while (wanted(live, result[1]) && budget.take(now, Part::live)) ++result[1];
    while (wanted(backlog, result[0]) && budget.take(now, Part::backlog)) ++result[0];
  }
  return result;
}

TEST(Budget, WithoutALivePartAllIsTheBacklogs) {
  Budget budget(100, {});
  EXPECT_NEAR(taken(budget, 0, 1000)[0], 1000 + 100, 5);
}

TEST(Budget, WhatComesInNowHasItsShareHoweverMuchWaits) {
  Budget budget(100, {});
  budget.set_live_share(0.5);
  const auto [backlog, live] = taken(budget, 1000, 1000);
  EXPECT_NEAR(live, 550, 10);
  EXPECT_NEAR(backlog, 550, 10);
}

TEST(Budget, WhatOneDoesNotUseIsTheOthers) {
  Budget budget(100, {});
  budget.set_live_share(0.5);
  const auto [backlog, live] = taken(budget, 10, 1000);
  EXPECT_NEAR(live, 100, 2);
  EXPECT_NEAR(backlog, 950, 60);
}

TEST(DrainEta, CountsWhatComesInMeanwhile) {
  DrainEta eta;
  double left = 0;
  // 500 a second go out, 100 come in.
  for (int i = 0; i <= 20; ++i)
    left = eta.update(static_cast<std::uint64_t>(100000 - 400 * i), DrainEta::Time(seconds(i)));
  EXPECT_NEAR(left, (100000 - 8000) / 400.0, 1);
}

TEST(DrainEta, KnowsNothingOfABacklogThatGrows) {
  DrainEta eta;
  for (int i = 0; i <= 20; ++i)
    EXPECT_EQ(eta.update(static_cast<std::uint64_t>(1000 + i), DrainEta::Time(seconds(i))), 0);
  EXPECT_EQ(eta.update(0, DrainEta::Time(seconds(21))), 0);
}

}  // namespace
}  // namespace weather::bridge
