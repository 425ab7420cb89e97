// What leaves the log, why, and how it is told.
#include "bridge/log/tools.hpp"
#include "tests/unit/log/harness.hpp"

namespace weather::log {
namespace {

class RetainTest : public LogTest {
 protected:
  RetainTest() { options.max_bytes = 8 * test_segment_bytes; }

  // Seven of these fill a segment.
  void write_big(int count) {
    for (int i = 0; i < count; ++i) write(std::string(30000, 'x'));
  }
  std::size_t free_files() {
    std::size_t count = 0;
    for (const auto& path : files->paths()) count += path.extension() == ".free" ? 1 : 0;
    return count;
  }
};

TEST_F(RetainTest, DeliveredSegmentsAreUsedAgain) {
  open();
  write_big(40);
  EXPECT_EQ(segments().size(), 6U);
  deliver(41);
  EXPECT_EQ(segments().size(), 1U);
  EXPECT_EQ(free_files(), 2U);
  EXPECT_EQ(log->status().first, 36U);
  write_big(8);
  EXPECT_EQ(free_files(), 1U);
  EXPECT_TRUE(losses().empty());
}

TEST_F(RetainTest, AReusedFileNeverShowsItsEarlierRecords) {
  open();
  for (int round = 0; round < 6; ++round) {
    write_big(8);
    deliver(log->durable() + 1);
    crash();
    EXPECT_EQ(log->durable(), static_cast<Sequence>(8 * (round + 1)));
    EXPECT_TRUE(log->recovery().lost.empty());
  }
}

TEST_F(RetainTest, TheOldestAreDroppedWhenItIsFullAndTheLossIsExact) {
  open();
  write_big(100);
  const auto found = losses();
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].first, 1U);
  EXPECT_EQ(found[0].last, log->status().first - 1);
  EXPECT_EQ(found[0].records, log->status().dropped_oldest);
  EXPECT_EQ(found[0].bytes, found[0].records * 30000);
  EXPECT_EQ(found[0].reason, LossReason::dropped_oldest);
  EXPECT_NE(found[0].noticed_ns, 0);
  EXPECT_LE(segments().size(), 8U);
  EXPECT_EQ(losses(found[0].last - 3).at(0).first, found[0].last - 3);
  const auto audit = audit_log("/log", *files);
  ASSERT_TRUE(audit);
  EXPECT_TRUE(audit->lines.at(0).exact);
  EXPECT_EQ(audit->lines.at(0).dropped_ahead, found[0].records);
}

TEST_F(RetainTest, OnlyWhatIsUndeliveredCountsAsDropped) {
  open();
  write_big(20);
  deliver(4);
  write_big(80);
  const auto found = losses(4);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].first, 4U);
  crash();
  EXPECT_EQ(losses(4), found);
  EXPECT_EQ(log->status().dropped_oldest, found[0].records);
}

TEST_F(RetainTest, WhatAConsumerHeldWhenItsSegmentWentAndDeliveredCountsAsDelivered) {
  open();
  write_big(20);
  write_big(80);  // records 1 to 5 were read by then and arrive after all
  const auto loss = losses(6).at(0);
  EXPECT_EQ(log->status().dropped_oldest, loss.last);
  const auto end = log->durable() + 1;
  log->advance("kafka", {.next = loss.last + 1, .delivered = 5, .dropped = loss.records});
  ASSERT_TRUE(log->flush_cursors());
  EXPECT_EQ(log->status().dropped_oldest, loss.records);
  EXPECT_EQ(log->status().evicted, loss.last);
  deliver(end);
  crash();
  EXPECT_EQ(log->status().dropped_oldest, loss.records);
}

TEST_F(RetainTest, WhatOneOfTwoConsumersMissedIsDropped) {
  options.cursors = {"kafka", "archive"};
  open();
  write_big(100);
  const auto loss = losses().at(0);
  const auto move = [&](const char* name, std::uint64_t delivered) {
    log->advance(name,
                 {.next = 101, .delivered = 100 - loss.last + delivered, .dropped = loss.last - delivered});
    ASSERT_TRUE(log->flush_cursors());
  };
  move("kafka", 9);
  EXPECT_EQ(log->status().dropped_oldest, loss.last);  // the other one may miss all
  move("archive", 4);
  EXPECT_EQ(log->status().dropped_oldest, loss.last - 4);
}

TEST_F(RetainTest, ADropIsForgottenWhenTheCursorHasPassedIt) {
  open();
  write_big(100);
  const auto loss = losses().at(0);
  log->advance("kafka", {.next = 101, .delivered = 100 - loss.records, .dropped = loss.records});
  ASSERT_TRUE(log->flush_cursors());
  reopen();
  EXPECT_TRUE(losses().empty());
  EXPECT_EQ(log->status().dropped_oldest, loss.records);
}

TEST_F(RetainTest, BlockRefusesWhenTheReserveIsUsedUpAndGoesOnWhenDelivered) {
  options.on_full = OnFull::block;
  options.max_pending_bytes = 100000;
  open();
  Sequence accepted = 0;
  for (int i = 0; i < 200; ++i) {
    const auto sequence = append(std::string(30000, 'x'));
    log->pump();
    if (!sequence) {
      EXPECT_EQ(sequence.error(), Errc::full);
      break;
    }
    accepted = *sequence;
  }
  EXPECT_LT(accepted, 80U);
  EXPECT_LT(log->durable(), accepted);
  EXPECT_FALSE(log->status().writable);
  EXPECT_NE(log->status().reason, "");
  deliver(17);
  log->pump();
  EXPECT_TRUE(log->status().writable);
  EXPECT_EQ(log->durable(), accepted);
  EXPECT_TRUE(losses(17).empty());
}

TEST_F(RetainTest, DeliveredSegmentsAreKeptForReplayWhileThereIsRoom) {
  options.keep_sent_bytes = 3 * test_segment_bytes;
  open();
  write_big(48);
  deliver(49);
  EXPECT_EQ(segments().size(), 4U);
  EXPECT_EQ(log->status().first, 22U);
  write_big(70);
  EXPECT_LE(segments().size(), 8U);
  EXPECT_EQ(log->status().dropped_oldest, losses(49).empty() ? 0 : losses(49)[0].records);
}

TEST_F(RetainTest, TheNewestRecordsStayReadableHoweverOftenItIsOpened) {
  options.keep_records = 10;
  open();
  for (Sequence last = 3; last <= 30; last += 3) {
    write_big(3);
    deliver(last + 1);
    crash();
    EXPECT_LE(log->status().first, std::max<Sequence>(last, 10) - 9) << last;
    EXPECT_LE(segments().size(), 6U) << "no more than it takes to keep them";
  }
}

TEST_F(RetainTest, TheNewestRecordsGoBeforeAnythingElseDoes) {
  options.keep_records = 1000;
  open();
  write_big(40);
  deliver(41);
  write_big(5 * 7);
  EXPECT_EQ(log->status().dropped_oldest, 0U);
  EXPECT_TRUE(losses(41).empty());
}

TEST_F(RetainTest, TheSlowestOfSeveralCursorsHoldsRecordsBack) {
  options.cursors = {"kafka", "other"};
  open();
  write_big(40);
  deliver(41);
  EXPECT_EQ(segments().size(), 6U);
  log->advance("other", {.next = 20, .delivered = 19});
  ASSERT_TRUE(log->flush_cursors());
  EXPECT_EQ(log->status().first, 15U);
  reopen();
  EXPECT_EQ(log->open_cursor("other")->next, 20U);
  EXPECT_EQ(log->open_cursor("kafka")->next, 41U);
}

TEST_F(RetainTest, ACursorThatHoldsNothingBackIsRememberedAsWell) {
  open();
  write_big(3);
  ASSERT_TRUE(log->open_cursor("tail"));
  log->advance("tail", {.next = 3, .delivered = 2});
  ASSERT_TRUE(log->flush_cursors());
  crash();
  EXPECT_EQ(log->open_cursor("tail")->next, 3U);
}

TEST_F(RetainTest, CursorsReachTheCardWithinFiveSeconds) {
  open();
  write("a");
  log->pump();
  log->advance("kafka", {.next = 2, .delivered = 1});
  clock.pass(std::chrono::milliseconds(4999));
  log->pump();
  crash();
  EXPECT_EQ(log->open_cursor("kafka")->next, 1U);
  log->advance("kafka", {.next = 2, .delivered = 1});
  clock.pass(std::chrono::milliseconds(5000));
  log->pump();
  crash();
  EXPECT_EQ(log->open_cursor("kafka")->next, 2U);
}

TEST_F(RetainTest, AKillRepeatsAtMostAFewHundredDeliveredRecordsWhileNothingIsAppended) {
  open();
  for (int i = 0; i < 700; ++i) ASSERT_TRUE(append("x", Wait::grouped));
  log->pump();
  ASSERT_TRUE(log->wait_durable(700, {}));
  log->advance("kafka", {.next = 250, .delivered = 249});
  clock.pass(std::chrono::milliseconds(100));
  log->pump();
  crash();
  EXPECT_EQ(log->open_cursor("kafka")->next, 1U) << "few records wait for the interval, for the card's sake";
  log->advance("kafka", {.next = 251, .delivered = 250});
  clock.pass(std::chrono::milliseconds(100));
  log->pump();
  crash();
  EXPECT_EQ(log->open_cursor("kafka")->next, 251U);
}

TEST_F(RetainTest, AnUnreadableCursorStartsAgainAtTheOldestRecord) {
  open();
  write("a");
  deliver(2);
  close();
  flip("/log/cursors/kafka.cur", 50);
  flip("/log/cursors/kafka.cur", 4096 + 50);
  open();
  EXPECT_EQ(log->recovery().reset_cursors, std::vector<std::string>{"kafka"});
  EXPECT_EQ(log->open_cursor("kafka")->next, 1U);
}

TEST_F(RetainTest, SpaceIsLeftFreeForOthers) {
  options.min_free_bytes = 1U << 20U;
  options.on_full = OnFull::block;
  open();
  write_big(10);
  files->set_space({.total_bytes = 1U << 30U, .free_bytes = 1U << 20U});
  write_big(16);
  EXPECT_FALSE(log->status().writable);
  files->set_space({.total_bytes = 1U << 30U, .free_bytes = 1U << 25U});
  clock.pass(std::chrono::seconds(20));
  log->pump();
  EXPECT_TRUE(log->status().writable);
}

TEST_F(RetainTest, FindTimeGivesTheFirstRecordAtOrAfterIt) {
  open();
  const auto start = clock.wall;
  for (int i = 0; i < 40; ++i) {
    write_big(1);
    clock.pass(std::chrono::seconds(1));
  }
  constexpr std::int64_t second_ns = 1'000'000'000;
  EXPECT_EQ(*log->find_time(0), 1U);
  EXPECT_EQ(*log->find_time(start), 1U);
  EXPECT_EQ(*log->find_time(start + 17 * second_ns), 18U);
  EXPECT_EQ(*log->find_time(start + 17 * second_ns + 1), 19U);
  EXPECT_EQ(*log->find_time(start + 1000 * second_ns), 41U);
}

}  // namespace
}  // namespace weather::log
