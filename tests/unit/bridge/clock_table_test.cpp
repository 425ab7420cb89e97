#include "bridge/encode/clock_table.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace weather::bridge {
namespace {

constexpr std::int64_t second = 1'000'000'000, day = 86'400 * second;
constexpr std::int64_t noon =
    1'790'000'000 * second;  // 2026-09-21T14:13:20Z, the true time of boot 1's anchor

sensors::ReadingTimes reading(std::uint64_t boot, std::int64_t boot_clock, std::int64_t wall,
                              v1::ClockQuality quality = v1::CLOCK_UNSYNCHRONISED) {
  sensors::ReadingTimes result;
  result.boot_id = boot;
  result.boot_clock_ns = boot_clock;
  result.received_ns = result.event_ns = wall;
  result.source = v1::TIME_GATEWAY;
  result.clock_quality = quality;
  return result;
}

// Boot 1 has run for 100 s when its clock is set to `noon`.
ClockTable table_of_boot_1() {
  ClockTable table;
  table.learn({1, 100 * second, noon, 50, true});
  return table;
}

TEST(Restamp, AReadingFrom1970GetsTheTimeItsBootTurnedOutToHave) {
  auto early = reading(1, 40 * second, 12 * second);
  ASSERT_TRUE(restamp(early, 10, table_of_boot_1()));
  EXPECT_EQ(early.event_ns, noon - 60 * second);
  EXPECT_EQ(early.received_ns, early.event_ns);
  EXPECT_EQ(early.clock_quality, v1::CLOCK_CORRECTED);
}

TEST(Restamp, AStepOfThreeDaysMovesWhatWasStampedBeforeItByThreeDays) {
  auto stale = reading(1, 70 * second, noon - 30 * second - 3 * day);
  ASSERT_TRUE(restamp(stale, 10, table_of_boot_1()));
  EXPECT_EQ(stale.event_ns, noon - 30 * second);
}

TEST(Restamp, AStepBackMovesWhatWasStampedBeforeItBack) {
  auto ahead = reading(1, 99 * second, noon + 2 * 3600 * second);
  ASSERT_TRUE(restamp(ahead, 10, table_of_boot_1()));
  EXPECT_EQ(ahead.event_ns, noon - second);
}

TEST(Restamp, ASynchronisedReadingIsLeftAlone) {
  auto good = reading(1, 40 * second, 12 * second, v1::CLOCK_SYNCHRONISED);
  EXPECT_FALSE(restamp(good, 10, table_of_boot_1()));
  EXPECT_EQ(good.event_ns, 12 * second);
}

TEST(Restamp, OfAnUnjudgedClockOnlyAClearErrorIsCorrected) {
  auto right = reading(1, 40 * second, noon - 60 * second, v1::CLOCK_UNKNOWN);
  EXPECT_FALSE(restamp(right, 10, table_of_boot_1()));
  auto wrong = reading(1, 40 * second, noon - 60 * second - day, v1::CLOCK_UNKNOWN);
  EXPECT_TRUE(restamp(wrong, 10, table_of_boot_1()));
  EXPECT_EQ(wrong.event_ns, noon - 60 * second);
}

// Boots 2 and 3 never learn the time; boot 4 does, 50 s after it began.
ClockTable two_unknown_boots() {
  ClockTable table = table_of_boot_1();
  table.learn({2, 5 * second, noon + 1000 * second, 100, false});
  table.learn({3, 5 * second, noon + 1500 * second, 200, false});
  table.learn({4, 50 * second, noon + 3000 * second, 300, true});
  return table;
}

TEST(Restamp, TwoBootsWithoutTimeFollowEachOtherBetweenTheirNeighbours) {
  const auto table = two_unknown_boots();
  auto second_boot = reading(2, 25 * second, 30 * second), third_boot = reading(3, 8 * second, 12 * second);
  ASSERT_TRUE(restamp(second_boot, 110, table));
  ASSERT_TRUE(restamp(third_boot, 210, table));
  EXPECT_EQ(second_boot.event_ns, noon + 1020 * second);
  EXPECT_EQ(third_boot.event_ns, noon + 1503 * second);
  EXPECT_EQ(second_boot.clock_quality, v1::CLOCK_ESTIMATED);
  EXPECT_EQ(third_boot.clock_quality, v1::CLOCK_ESTIMATED);
}

TEST(Restamp, AnEstimateNeverPassesTheNextKnownBootsBeginning) {
  auto late = reading(3, 5000 * second, 5000 * second);
  ASSERT_TRUE(restamp(late, 290, two_unknown_boots()));
  EXPECT_EQ(late.event_ns, noon + 2950 * second);
}

TEST(Restamp, APlausibleClockOfAnUnknownBootIsKeptAndCalledAnEstimate) {
  ClockTable table = table_of_boot_1();
  auto plausible = reading(9, 5 * second, noon + 500 * second);
  ASSERT_TRUE(restamp(plausible, 60, table));
  EXPECT_EQ(plausible.event_ns, noon + 500 * second);
  EXPECT_EQ(plausible.clock_quality, v1::CLOCK_ESTIMATED);
}

TEST(Restamp, WithoutAnyAnchorNoTimeIsOlderThanTheProgram) {
  auto lost = reading(9, 5 * second, 5 * second);
  ASSERT_TRUE(restamp(lost, 1, ClockTable()));
  EXPECT_EQ(lost.event_ns, ClockTable::earliest_ns);
}

TEST(Restamp, ImportedReadingsFindTheirOwnBootAndNoNeighbours) {
  ClockTable table = two_unknown_boots();
  table.learn({77, 10 * second, noon - 9 * day, foreign_sequence, true});
  auto carried = reading(77, 4 * second, 4 * second), stranger = reading(78, 4 * second, noon + 9 * day);
  ASSERT_TRUE(restamp(carried, 0, table));
  EXPECT_EQ(carried.event_ns, noon - 9 * day - 6 * second);
  ASSERT_TRUE(restamp(stranger, 0, table));
  EXPECT_EQ(stranger.event_ns, noon + 9 * day);
}

TEST(Restamp, ASensorsOwnTimeIsJudgedByTheCorrectedClock) {
  auto own = reading(1, 40 * second, 12 * second);
  own.event_ns = noon - 61 * second;
  own.source = v1::TIME_SENSOR;
  ASSERT_TRUE(restamp(own, 10, table_of_boot_1()));
  EXPECT_EQ(own.event_ns, noon - 61 * second);
  EXPECT_EQ(own.sensor_said_ns, 0);

  auto ahead = reading(1, 40 * second, 12 * second);
  ahead.event_ns = noon + 10 * day;
  ahead.source = v1::TIME_SENSOR;
  ASSERT_TRUE(restamp(ahead, 10, table_of_boot_1()));
  EXPECT_EQ(ahead.event_ns, noon - 60 * second);
  EXPECT_EQ(ahead.sensor_said_ns, noon + 10 * day);
}

TEST(Restamp, AReceiverBesideUsReadsTheSameWrongClock) {
  auto radio = reading(1, 40 * second, 12 * second);
  radio.event_ns = 11 * second;
  radio.source = v1::TIME_RECEIVER;
  ASSERT_TRUE(restamp(radio, 10, table_of_boot_1()));
  EXPECT_EQ(radio.event_ns, noon - 61 * second);
}

TEST(ClockTable, PrefersWhatIsKnownToAGuessAndTheLaterToTheEarlier) {
  ClockTable table;
  table.learn({1, 10, 1000, 5, false});
  table.learn({1, 20, 2000, 9, true});
  table.learn({1, 10, 1500, 7, false});
  EXPECT_EQ(table.wall_ns(1, 20), 2000);
  table.learn({1, 30, 9000, 12, true});
  EXPECT_EQ(table.wall_ns(1, 30), 9000);
  EXPECT_FALSE(table.wall_ns(2, 0));
}

TEST(ClockTable, ForgetsABootOnceTheLogBeginsAfterIt) {
  auto table = two_unknown_boots();
  table.forget_before(199);
  EXPECT_NE(table.find(2), nullptr);
  EXPECT_EQ(table.find(1), nullptr);
  table.forget_before(100'000);
  EXPECT_EQ(table.anchors().size(), 1U);
}

TEST(ClockTable, KeepsTheNewestBootsWhenThereAreTooMany) {
  ClockTable table;
  for (std::uint64_t boot = 1; boot <= ClockTable::most_boots + 3; ++boot)
    table.learn({boot, 1, 1, boot, true});
  EXPECT_EQ(table.anchors().size(), ClockTable::most_boots);
  EXPECT_EQ(table.find(3), nullptr);
  EXPECT_NE(table.find(4), nullptr);
}

TEST(AnchorRecord, ComesBackAsItWas) {
  const auto table = two_unknown_boots();
  const auto anchors = decode_anchors(encode_anchors(table), 999);
  ASSERT_TRUE(anchors);
  EXPECT_THAT(*anchors, testing::ElementsAreArray(table.anchors()));
}

TEST(AnchorRecord, ItsOwnAnchorTakesTheRecordsSequence) {
  ClockTable table;
  table.learn({5, 1, 2, 0, true});
  EXPECT_EQ(decode_anchors(encode_anchors(table), 42)->front().sequence, 42U);
}

TEST(AnchorRecord, OtherBytesAreNone) {
  EXPECT_FALSE(decode_anchors({}, 1));
  auto bytes = encode_anchors(table_of_boot_1());
  bytes.pop_back();
  EXPECT_FALSE(decode_anchors(bytes, 1));
  bytes = encode_anchors(table_of_boot_1());
  bytes[0] = std::byte{2};
  EXPECT_FALSE(decode_anchors(bytes, 1));
}

}  // namespace
}  // namespace weather::bridge
