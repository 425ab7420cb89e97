#include "sensors/sources/weatherlink_poll.hpp"

#include <random>

#include <gmock/gmock.h>

namespace weather::sensors {
namespace {

using namespace std::chrono_literals;
using Ask = WeatherlinkPoll::Ask;
using Time = WeatherlinkPoll::Time;

constexpr Time start{1'000'000s};

WeatherlinkPoll::Settings settings(std::chrono::milliseconds interval, bool wind) {
  WeatherlinkPoll::Settings made;
  made.interval = interval;
  made.wind = wind;
  return made;
}

double seconds(Time time) {
  return std::chrono::duration<double>(time - start).count();
}

// Goes to the next question and tells what it is.
std::pair<double, Ask> step(WeatherlinkPoll& poll) {
  const auto now = poll.next();
  EXPECT_FALSE(poll.take(now - 1ms));
  const auto ask = poll.take(now);
  EXPECT_TRUE(ask);
  EXPECT_EQ(poll.next(), Time::max());  // one at a time
  EXPECT_FALSE(poll.take(now + 1h));
  return {seconds(now), ask.value_or(Ask::conditions)};
}

TEST(WeatherlinkPoll, AsksAtItsInterval) {
  WeatherlinkPoll poll(settings(60s, false), start);
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(step(poll), std::pair(i * 60.0, Ask::conditions));
    poll.conditions_came(start + i * 60s + 300ms);
  }
}

TEST(WeatherlinkPoll, ASleepLeavesNoPileOfMissedQuestions) {
  WeatherlinkPoll poll(settings(60s, false), start);
  step(poll);
  poll.conditions_came(start);
  const auto woken = start + 1h + 7s;
  EXPECT_EQ(poll.take(woken), Ask::conditions);
  poll.conditions_came(woken);
  EXPECT_EQ(seconds(poll.next()), 3660);
}

TEST(WeatherlinkPoll, TheBroadcastIsAskedForOnceConditionsCameAndRenewedBeforeItEnds) {
  WeatherlinkPoll poll(settings(60s, true), start);
  EXPECT_EQ(step(poll), std::pair(0.0, Ask::conditions));
  poll.conditions_came(start + 1s);
  EXPECT_EQ(step(poll), std::pair(10.0, Ask::broadcast));  // not sooner than ten seconds later
  poll.broadcast_granted(start + 10s, 1200s);
  double last = 10, renewals = 0;
  for (auto now = start; now < start + 3h; now += 1s) {
    poll.wind_heard(now);
    const auto ask = poll.take(now);
    if (ask == Ask::conditions) poll.conditions_came(now);
    if (ask != Ask::broadcast) continue;
    EXPECT_LT(seconds(now) - last, 900);  // of 1200
    last = seconds(now);
    ++renewals;
    poll.broadcast_granted(now, 1200s);
  }
  EXPECT_GE(renewals, 12);
  EXPECT_LE(renewals, 14);
  EXPECT_FALSE(poll.wind_missing());
}

// Another program asked for a day: what is left is longer than what we asked for, and may end with a restart
// of the device. One that grants less is asked again sooner.
TEST(WeatherlinkPoll, WhatIsGrantedSaysWhenItIsRenewed) {
  for (const auto& [granted, renewed] : {std::pair(86'400s, 800), {1200s, 800}, {70s, 46}, {1s, 10}}) {
    WeatherlinkPoll poll(settings(24h, true), start);
    step(poll);
    poll.conditions_came(start);
    step(poll);
    poll.broadcast_granted(start + 10s, granted);
    for (auto now = start + 10s; now < start + 900s; now += 1s) poll.wind_heard(now);
    EXPECT_NEAR(seconds(poll.next()), 10 + renewed, 1) << granted.count();
  }
}

TEST(WeatherlinkPoll, ABroadcastOfWhichNothingIsHeardIsAskedForAgainEverMoreRarely) {
  WeatherlinkPoll poll(settings(24h, true), start);
  step(poll);
  poll.conditions_came(start);
  std::vector<double> asked;
  for (int i = 0; i < 6; ++i) {
    const auto [when, ask] = step(poll);
    EXPECT_EQ(ask, Ask::broadcast);
    asked.push_back(when);
    poll.broadcast_granted(start + std::chrono::seconds(static_cast<int>(when)), 1200s);
    EXPECT_EQ(poll.wind_missing(), i > 0);
  }
  EXPECT_THAT(asked, ::testing::ElementsAre(10, 70, 190, 430, 910, 1710));
  poll.wind_heard(start + 1711s);
  EXPECT_FALSE(poll.wind_missing());
  EXPECT_EQ(seconds(poll.next()), 1771);
}

TEST(WeatherlinkPoll, ADeviceThatIsGoneIsAskedMoreRarelyAndAtItsIntervalOnceItIsBack) {
  WeatherlinkPoll poll(settings(30s, true), start);
  auto now = start;
  std::vector<double> waits;
  for (int i = 0; i < 10; ++i) {
    now = poll.next();
    EXPECT_EQ(poll.take(now), Ask::conditions);  // no broadcast of a device that is gone
    now += 10s;
    poll.conditions_failed(now, 0.999999);
    waits.push_back(std::chrono::duration<double>(poll.next() - now).count());
  }
  EXPECT_THAT(waits,
              ::testing::Pointwise(::testing::DoubleNear(0.1), {20, 40, 60, 60, 60, 60, 60, 60, 60, 60}));
  now = poll.next();
  EXPECT_EQ(poll.take(now), Ask::conditions);
  poll.conditions_came(now);
  EXPECT_EQ(poll.next() - now, 10s);
  EXPECT_EQ(poll.take(now + 10s), Ask::broadcast);  // it may have started anew
  poll.broadcast_granted(now + 10s, 1200s);
  EXPECT_EQ(poll.take(now + 30s), Ask::conditions);
}

TEST(WeatherlinkPoll, ARefusedBroadcastLeavesTheConditionsAlone) {
  WeatherlinkPoll poll(settings(60s, true), start);
  int conditions = 0, broadcasts = 0;
  for (auto now = start; now < start + 6h; now += 500ms) {
    const auto ask = poll.take(now);
    if (ask == Ask::conditions) {
      ++conditions;
      poll.conditions_came(now);
    } else if (ask == Ask::broadcast) {
      ++broadcasts;
      poll.broadcast_failed(now, 0.5);
    }
  }
  EXPECT_EQ(conditions, 360);
  EXPECT_GE(broadcasts, 20);
  EXPECT_LE(broadcasts, 40);
}

// Whatever happens: one question at a time, ten seconds apart, and the conditions come as often as the device
// answers.
TEST(WeatherlinkPoll, HoldsItsRulesInAWorldOfChance) {
  for (unsigned seed = 0; seed < 300; ++seed) {
    std::mt19937 random(seed);
    std::uniform_real_distribution<double> share(0, 1);
    const auto interval = std::chrono::milliseconds(10'000 + random() % 100'000);
    WeatherlinkPoll poll(settings(interval, random() % 2 == 0), start);
    Time now = start, last_asked = start - 1h, last_conditions = start;
    while (now < start + 4h) {
      const auto next = poll.next();
      ASSERT_NE(next, Time::max());
      now = std::max(now, next + std::chrono::milliseconds(random() % 50));
      if (random() % 100 == 0) now += std::chrono::minutes(random() % 20);  // it slept
      const auto ask = poll.take(now);
      ASSERT_TRUE(ask);
      ASSERT_GE(now - last_asked, 10s) << seed;
      last_asked = now;
      if (ask == Ask::conditions) {
        ASSERT_LE(now - last_conditions, std::max(interval, 60'000ms) + 60min + 40s) << seed;
        last_conditions = now;
      }
      now += std::chrono::milliseconds(random() % 10'000);
      const bool good = random() % 3 != 0;
      if (ask == Ask::conditions)
        good ? poll.conditions_came(now) : poll.conditions_failed(now, share(random));
      else
        good ? poll.broadcast_granted(now, std::chrono::seconds(1 + random() % 86'400))
             : poll.broadcast_failed(now, share(random));
      if (random() % 2 == 0) poll.wind_heard(now);
    }
  }
}

}  // namespace
}  // namespace weather::sensors
