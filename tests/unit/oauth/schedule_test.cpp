#include "bridge/oauth/schedule.hpp"

#include <algorithm>
#include <random>

#include <gtest/gtest.h>

namespace weather::oauth {
namespace {

using namespace std::chrono_literals;
using State = Schedule::State;
const Schedule::Time start{1h};

TEST(Schedule, TheFirstIsDueAtOnce) {
  const Schedule schedule(start);
  EXPECT_TRUE(schedule.due(start));
  EXPECT_EQ(schedule.state(start), State::missing);
  EXPECT_EQ(schedule.left(start), 0ms);
}

TEST(Schedule, TheNextIsDueAtFourFifthsOfTheLifeLessTheJitter) {
  for (const double chance : {0.0, 0.25, 0.5, 0.999}) {
    Schedule schedule(start);
    schedule.got(start, 1000s, chance);
    const auto due =
        start + std::chrono::milliseconds(static_cast<std::int64_t>(1'000'000 * (0.8 - 0.1 * chance)));
    EXPECT_FALSE(schedule.due(due - 1ms));
    EXPECT_TRUE(schedule.due(due));
    EXPECT_EQ(schedule.next(start), due);
    EXPECT_EQ(schedule.state(due), State::fresh);
    EXPECT_EQ(schedule.left(start + 400s), 600s);
  }
}

TEST(Schedule, AProviderThatIsDownCostsNothingWhileTheTokenLives) {
  Schedule schedule(start);
  schedule.got(start, 3600s, 0);
  auto now = start + 2880s;
  ASSERT_TRUE(schedule.due(now));
  while (now < start + 3600s) {
    schedule.failed(now, 0.5);
    EXPECT_EQ(schedule.state(now), State::ageing);
    EXPECT_FALSE(schedule.due(now));
    now = schedule.next(now);
  }
  EXPECT_EQ(now, start + 3600s);  // when it becomes blocked somebody looks
  EXPECT_EQ(schedule.state(now), State::blocked);
  EXPECT_EQ(schedule.state(now - 1ms), State::ageing);
  schedule.got(now + 5s, 60s, 0);
  EXPECT_EQ(schedule.state(now + 5s), State::fresh);
}

TEST(Schedule, RetriesComeSlowerUpToAMinuteAndFastAgainAfterASuccess) {
  Schedule schedule(start);
  auto now = start;
  std::vector<std::chrono::milliseconds> waits;
  for (int i = 0; i < 10; ++i) {
    schedule.failed(now, 0);
    EXPECT_EQ(schedule.state(now), State::blocked);
    waits.push_back(std::chrono::duration_cast<std::chrono::milliseconds>(schedule.next(now) - now));
    now = schedule.next(now);
  }
  const std::vector<std::chrono::milliseconds> expected{1s, 2s, 4s, 8s, 16s, 32s, 60s, 60s, 60s, 60s};
  EXPECT_EQ(waits, expected);
  schedule.got(now, 100s, 0);
  schedule.failed(now + 80s, 0.999);
  const auto wait = schedule.next(now + 80s) - (now + 80s);
  EXPECT_GE(wait, 500ms);
  EXPECT_LT(wait, 510ms);
}

TEST(Schedule, AHurryBringsTheNextForwardButNotAgainAndAgain) {
  Schedule schedule(start);
  schedule.got(start, 3600s, 0);
  schedule.hurry(start + 10s);
  EXPECT_TRUE(schedule.due(start + 10s));
  schedule.got(start + 11s, 3600s, 0);
  schedule.hurry(start + 12s);
  EXPECT_FALSE(schedule.due(start + 12s));
  schedule.hurry(start + 20s);
  EXPECT_TRUE(schedule.due(start + 20s));
  schedule.got(start + 21s, 3600s, 0);
  schedule.changed(start + 22s);
  EXPECT_TRUE(schedule.due(start + 22s));
}

// A broker that takes none of them is asked with each: the provider is not to be asked as often.
TEST(Schedule, HurriesThatGoOnComeSlowerUpToAMinute) {
  Schedule schedule(start);
  std::vector<std::int64_t> at_s;
  for (auto now = start; now < start + 400s; now += 1s) {
    schedule.hurry(now);
    if (!schedule.due(now)) continue;
    at_s.push_back(std::chrono::duration_cast<std::chrono::seconds>(now - start).count());
    schedule.got(now, 3600s, 0);
  }
  EXPECT_EQ(at_s, (std::vector<std::int64_t>{0, 10, 30, 70, 130, 190, 250, 310, 370}));
  schedule.hurry(start + 1000s);
  EXPECT_TRUE(schedule.due(start + 1000s));
  schedule.got(start + 1000s, 3600s, 0);
  schedule.hurry(start + 1010s);
  EXPECT_TRUE(schedule.due(start + 1010s));
}

TEST(Schedule, AShortLifeIsNotAskedForWithoutAPause) {
  Schedule schedule(start);
  schedule.got(start, 1s, 0.9);
  EXPECT_GE(schedule.next(start) - start, 700ms);
  schedule.got(start, 1ms, 0);
  EXPECT_FALSE(schedule.due(start));
}

// Whatever happens: next() is later than now unless a fetch is due, and the state agrees with the time left.
TEST(Schedule, HoldsForAnyOrderOfEvents) {
  std::mt19937 random(7);
  const auto below = [&](int n) { return static_cast<int>(random() % static_cast<unsigned>(n)); };
  for (int run = 0; run < 200; ++run) {
    Schedule schedule(start);
    auto now = start;
    bool failed = false;
    for (int step = 0; step < 200; ++step) {
      now += std::chrono::milliseconds(below(40'000));
      const auto chance = below(1000) / 1000.0;
      if (const int what = below(6); what == 0) {
        schedule.hurry(now);
      } else if (schedule.due(now)) {
        failed = what > 2;
        if (failed)
          schedule.failed(now, chance);
        else
          schedule.got(now, std::chrono::milliseconds(1 + below(100'000)), chance);
      }
      ASSERT_TRUE(schedule.due(now) || schedule.next(now) > now);
      const auto state = schedule.state(now);
      ASSERT_EQ(schedule.left(now) > 0ms, state == State::fresh || state == State::ageing);
      ASSERT_EQ(failed, state == State::ageing || state == State::blocked);
    }
  }
}

}  // namespace
}  // namespace weather::oauth
