#include "bridge/core/position.hpp"

#include <limits>

#include <gtest/gtest.h>

namespace weather::bridge {
namespace {

constexpr auto nowhere = std::numeric_limits<log::Sequence>::max();

Window::Advance to(log::Sequence next, std::uint64_t delivered, std::uint64_t dead = 0,
                   std::uint64_t dropped = 0) {
  Window::Advance by;
  by.next = next;
  by.delivered = delivered;
  by.dead_lettered = dead;
  by.dropped = dropped;
  return by;
}

// Backlog from 1, newest from 1001, of which 50 are through.
Position ahead() {
  Position position;
  EXPECT_TRUE(position.open_live(1001));
  position.advance_live(to(1051, 48, 2));
  return position;
}

TEST(Position, WithoutAnythingAheadItIsTheWatermark) {
  Position position;
  position.advance(to(11, 9, 1));
  EXPECT_EQ(position.next(), 11U);
  EXPECT_EQ(position.stop(), nowhere);
  EXPECT_FALSE(position.pass());
  EXPECT_EQ(position.waiting(20), 10U);
  EXPECT_EQ(position.waiting(10), 0U);
}

TEST(Position, WhatIsAheadDoesNotWaitAndIsCountedInTheTotal) {
  auto position = ahead();
  EXPECT_EQ(position.waiting(1100), 1000U + 50U);
  EXPECT_EQ(position.total().delivered, 48U);
  EXPECT_EQ(position.cursor().delivered, 0U) << "the watermark's own counts say what is below it";
  EXPECT_EQ(position.stop(), 1001U);
}

TEST(Position, TheBacklogPassesAStretchOnlyOnceItIsComplete) {
  auto position = ahead();
  position.advance(to(1001, 1000));
  EXPECT_TRUE(position.stops_at_live());
  EXPECT_FALSE(position.pass());
  position.advance_live(to(1061, 10));
  position.close_live();
  EXPECT_TRUE(position.pass());
  EXPECT_EQ(position.next(), 1061U);
  EXPECT_EQ(position.cursor().delivered, 1000U + 58U);
  EXPECT_EQ(position.cursor().dead_lettered, 2U);
  EXPECT_TRUE(position.cursor().delivered_ranges.empty());
}

TEST(Position, SeveralOutagesLeaveSeveralStretches) {
  auto position = ahead();
  EXPECT_FALSE(position.open_live(2001)) << "one grows at a time";
  position.close_live();
  ASSERT_TRUE(position.open_live(2001));
  position.advance_live(to(2011, 10));
  position.advance(to(1001, 1000));
  EXPECT_TRUE(position.pass());
  EXPECT_EQ(position.next(), 1051U);
  EXPECT_EQ(position.stop(), 2001U);
  EXPECT_EQ(position.waiting(2010), 950U);
}

TEST(Position, AnEmptyStretchIsForgotten) {
  Position position;
  ASSERT_TRUE(position.open_live(100));
  position.close_live();
  EXPECT_EQ(position.stop(), nowhere);
}

TEST(Position, AStretchFromBeforeARestartIsComplete) {
  auto position = ahead();
  Position restarted(position.cursor());
  EXPECT_FALSE(restarted.live());
  restarted.advance(to(1001, 1000));
  EXPECT_TRUE(restarted.pass());
  EXPECT_EQ(restarted.next(), 1051U);
}

// The card was full: the oldest records are gone, some of those that had been sent first among them.
TEST(Position, ALossOverAStretchCountsEachRecordOnce) {
  auto position = ahead();
  position.close_live();
  ASSERT_EQ(position.overlap(1, 1020), 20U);
  position.advance(to(1021, 0, 0, 1020 - 20));
  EXPECT_EQ(position.next(), 1051U);
  EXPECT_EQ(position.cursor().dropped, 1000U);
  EXPECT_EQ(position.cursor().delivered, 48U);
  EXPECT_EQ(position.cursor().dead_lettered, 2U);
  EXPECT_EQ(position.next() - 1, 1000U + 48U + 2U) << "every record has one fate";
}

TEST(Position, KeepsNoMoreStretchesThanTheLogDoes) {
  Position position;
  for (std::size_t i = 0; i < log::max_delivered_ranges; ++i) {
    ASSERT_TRUE(position.open_live(100 * (i + 1)));
    position.advance_live(to(100 * (i + 1) + 10, 10));
    position.close_live();
  }
  EXPECT_FALSE(position.open_live(10000));
}

}  // namespace
}  // namespace weather::bridge
