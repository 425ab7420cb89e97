// What a crash leaves, and what the log makes of it.
#include "bridge/log/crc32c.hpp"
#include "bridge/log/tail.hpp"
#include "bridge/log/tools.hpp"
#include "tests/unit/log/harness.hpp"

namespace weather::log {
namespace {

FrameMark mark(std::uint64_t block, Sequence first, Sequence last, Sequence durable, bool good = true) {
  return {block * 4096, 4096, first, last, durable, static_cast<std::uint32_t>(block), good};
}
using Ranges = std::vector<std::pair<Sequence, Sequence>>;

Ranges ranges(const std::vector<LostRange>& lost) {
  Ranges found;
  for (const auto& one : lost) found.emplace_back(one.first, one.last);
  return found;
}

TEST(Tail, AWholeSegmentEndsAfterItsLastFrame) {
  const auto tail = judge_tail({mark(1, 1, 3, 0), mark(2, 4, 4, 3)}, 1, 0);
  EXPECT_EQ(tail.next, 5U);
  EXPECT_EQ(tail.end_offset, 3U * 4096);
  EXPECT_TRUE(tail.lost.empty());
  EXPECT_EQ(tail.torn_bytes, 0U);
}

TEST(Tail, AnUnprovenBadLastFrameIsTorn) {
  const auto tail = judge_tail({mark(1, 1, 3, 0), mark(2, 4, 4, 3, false)}, 1, 0);
  EXPECT_EQ(tail.next, 4U);
  EXPECT_TRUE(tail.lost.empty());
  EXPECT_EQ(tail.torn_bytes, 4096U);
}

TEST(Tail, AProvenBadLastFrameIsLost) {
  const auto tail = judge_tail({mark(1, 1, 3, 0), mark(2, 4, 4, 3, false)}, 1, 4);
  EXPECT_EQ(tail.next, 5U);
  EXPECT_EQ(ranges(tail.lost), (Ranges{{4, 4}}));
}

TEST(Tail, AHoleBeforeAFrameThatProvesItIsLostAndTheFrameCounts) {
  const auto tail = judge_tail({mark(1, 1, 3, 0), mark(3, 6, 6, 5)}, 1, 0);
  EXPECT_EQ(tail.next, 7U);
  EXPECT_EQ(ranges(tail.lost), (Ranges{{4, 5}}));
}

TEST(Tail, AHoleInOneCommitIsTornWithEverythingBehindIt) {
  const auto tail = judge_tail({mark(1, 1, 3, 0), mark(3, 6, 6, 3), mark(4, 7, 7, 3)}, 1, 0);
  EXPECT_EQ(tail.next, 4U);
  EXPECT_TRUE(tail.lost.empty());
  EXPECT_EQ(tail.torn_bytes, 2U * 4096);
}

TEST(Tail, AHoleThatIsProvenOnlyInPartLosesThatPart) {
  const auto tail = judge_tail({mark(1, 1, 3, 0), mark(3, 8, 8, 5)}, 1, 0);
  EXPECT_EQ(tail.next, 6U);
  EXPECT_EQ(ranges(tail.lost), (Ranges{{4, 5}}));
}

TEST(Tail, NothingReadableButProvenIsAllLost) {
  const auto tail = judge_tail({}, 10, 20);
  EXPECT_EQ(tail.next, 21U);
  EXPECT_EQ(ranges(tail.lost), (Ranges{{10, 20}}));
}

class RecoveryTest : public LogTest {
 protected:
  // Changes the files as they are after a kill, then starts again.
  void crash_with(const std::function<void()>& change) {
    auto survived = files->copy();
    log.reset();
    files = std::move(survived);
    change();
    open();
  }
  void zero(const std::filesystem::path& path, std::size_t from, std::size_t bytes) {
    auto contents = files->contents(path);
    ASSERT_GE(contents->size(), from + bytes);
    std::fill_n(contents->begin() + static_cast<std::ptrdiff_t>(from), bytes, std::byte{0});
  }
};

TEST_F(RecoveryTest, ATornLastCommitIsDiscardedAndItsSequenceUsedAgain) {
  open();
  write("a");
  write("b");
  crash_with([&] {
    zero(segments()[0], 2 * 4096 + 512, 3584 - 512);
    zero(segments()[0], 2 * 4096, 80);
  });
  EXPECT_TRUE(log->recovery().lost.empty());
  EXPECT_EQ(log->durable(), 1U);
  EXPECT_EQ(write("c"), 2U);
  EXPECT_EQ(read(), "1=a 2=c");
  crash();
  EXPECT_EQ(read(), "1=a 2=c");
}

TEST_F(RecoveryTest, AHoleThatWasAcknowledgedIsLostExactlyAndTheRestReadable) {
  open();
  for (const auto* text : {"a", "b", "c", "d"}) write(text);
  crash_with([&] { zero(segments()[0], 2 * 4096, 4096); });
  EXPECT_EQ(ranges(log->recovery().lost), (Ranges{{2, 2}}));
  EXPECT_EQ(read(), "1=a [2-2 damaged] 3=c 4=d");
  EXPECT_EQ(write("e"), 5U);
  crash();
  EXPECT_TRUE(log->recovery().lost.empty());
  EXPECT_EQ(read(), "1=a [2-2 damaged] 3=c 4=d 5=e");
  log->pump();
  EXPECT_EQ(log->status().lost, 1U);
}

TEST_F(RecoveryTest, AnAcknowledgedTailThatIsGoneIsLostBecauseACursorProvesIt) {
  open();
  for (const auto* text : {"a", "b", "c"}) write(text);
  log->advance("kafka", {.next = 2, .delivered = 1});
  ASSERT_TRUE(log->flush_cursors());
  crash_with([&] { zero(segments()[0], 2 * 4096, 2 * 4096); });
  EXPECT_EQ(ranges(log->recovery().lost), (Ranges{{2, 3}}));
  EXPECT_EQ(write("d"), 4U);
  EXPECT_EQ(read(), "1=a [2-3 missing] 4=d");
}

TEST_F(RecoveryTest, WhatIsLostIsSaidWithItsFileAndByte) {
  std::vector<LostRange> found;
  options.on_damage = [&found](const LostRange& lost) { found.push_back(lost); };
  open();
  for (const auto* text : {"a", "b", "c", "d"}) write(text);
  const auto segment = segments()[0];
  crash_with([&] { zero(segment, 2 * 4096, 4096); });
  EXPECT_EQ(log->recovery().lost, (std::vector<LostRange>{{2, 2, segment.string(), 2 * 4096}}));
  read();
  log->pump();
  EXPECT_TRUE(found.empty()) << "recovery has said it";
  write("e");
  close();
  flip(segment, 4 * 4096 + 66);
  open();
  read();
  log->pump();
  read();
  log->pump();
  EXPECT_EQ(found, (std::vector<LostRange>{{4, 4, segment.string(), 4 * 4096}}));
}

TEST_F(RecoveryTest, RecoveringTwiceChangesNothing) {
  open();
  for (const auto* text : {"a", "b", "c", "d"}) write(text);
  crash_with([&] { zero(segments()[0], 2 * 4096, 4096); });
  const auto first = read();
  const auto lost = log->recovery().lost;
  for (int i = 0; i < 3; ++i) {
    crash();
    EXPECT_EQ(read(), first);
    EXPECT_EQ(log->recovery().lost, lost);
    EXPECT_EQ(log->status().lost, 1U);
  }
}

TEST_F(RecoveryTest, OnlyTheLastSegmentIsScanned) {
  open();
  for (int i = 0; i < 40; ++i) write(std::string(30000, 'x'));
  crash();
  EXPECT_EQ(log->recovery().scanned_segments, 1U);
  EXPECT_LE(log->recovery().scanned_bytes, test_segment_bytes);
  EXPECT_EQ(log->durable(), 40U);
}

TEST_F(RecoveryTest, ADamagedSegmentHeaderHidesNoRecord) {
  open();
  for (int i = 0; i < 10; ++i) write("x" + std::to_string(i));
  const auto before = read();
  crash_with([&] { zero(segments()[0], 0, 4096); });
  EXPECT_EQ(read(), before);
  EXPECT_TRUE(log->recovery().lost.empty());
}

TEST_F(RecoveryTest, AllSegmentsGoneIsToldAndNumbersGoOn) {
  open();
  write("a");
  write("b");
  close();
  ASSERT_TRUE(files->remove(segments()[0]));
  open();
  EXPECT_EQ(read(), "[1-2 missing]");
  EXPECT_EQ(write("c"), 3U);
  EXPECT_EQ(read(), "[1-2 missing] 3=c");
}

TEST_F(RecoveryTest, AReleasedSegmentThatComesBackIsIgnored) {
  open();
  for (int i = 0; i < 10; ++i) write(std::string(30000, 'x'));
  const auto first = segments().at(0);
  const auto zombie = *files->contents(first);
  log->advance("kafka", {.next = 11, .delivered = 10});
  ASSERT_TRUE(log->flush_cursors());
  ASSERT_FALSE(files->contents(first));
  crash_with([&] {
    auto file = files->open(first, Mode::create);
    ASSERT_TRUE(file);
    ASSERT_TRUE((*file)->write(0, zombie));
  });
  EXPECT_EQ(log->status().first, 8U);
  EXPECT_FALSE(files->contents(first));
  EXPECT_TRUE(log->recovery().lost.empty());
}

TEST_F(RecoveryTest, FramesTheCardRefusesToSyncAreWrittenAgain) {
  open();
  write("a");
  write("b");
  auto survived = files->copy();
  log.reset();
  files = std::move(survived);
  files->set_fault([left = 1](MemoryFiles::Call call, const std::filesystem::path& path) mutable {
    const bool hit = call == MemoryFiles::Call::sync_data && path.extension() == ".seg" && left-- > 0;
    return hit ? std::error_code(EIO, std::system_category()) : std::error_code{};
  });
  open();
  EXPECT_EQ(read(), "1=a");
  log->pump();
  EXPECT_EQ(read(), "1=a 2=b");
  EXPECT_EQ(segments().size(), 2U);
  EXPECT_EQ(write("c"), 3U);
}

// Every call of a workload fails once, and from then on for ever: what was acknowledged stays readable.
TEST_F(RecoveryTest, NoFailingCallLosesWhatWasAcknowledged) {
  options.max_bytes = 8 * test_segment_bytes;
  const std::string big(30000, 'x');
  for (const bool sticky : {false, true}) {
    for (int failing = 0; failing < 400; ++failing) {
      files = std::make_unique<MemoryFiles>();
      auto calls = std::make_shared<int>(0);
      auto refused = std::make_shared<std::string>();
      files->set_fault([=](MemoryFiles::Call call, const std::filesystem::path& path) {
        if (call == MemoryFiles::Call::read || call == MemoryFiles::Call::list) return std::error_code{};
        const int now = (*calls)++;
        if (now != failing && !(sticky && now > failing)) return std::error_code{};
        *refused = path.string();
        return std::error_code(EIO, std::system_category());
      });
      Sequence acknowledged = 0;
      Sequence delivered = 0;
      auto opened = open_manual(options, *files, clock);
      if (!opened) {
        ASSERT_EQ(opened.error(), std::errc::io_error) << failing;
        ASSERT_FALSE(opened.error().file().empty()) << failing;
        if (!sticky) {
          ASSERT_EQ(opened.error().file(), *refused) << failing;
        }
      }
      if (opened) {
        log = std::move(*opened);
        for (int i = 0; i < 20; ++i) {
          static_cast<void>(append(big));
          log->pump();
          acknowledged = log->durable();
          if (i == 12) {
            log->advance("kafka", {.next = 10, .delivered = 9});
            if (log->flush_cursors()) delivered = 9;
          }
          clock.pass(std::chrono::seconds(1));
        }
      }
      auto survived = files->copy();
      log.reset();
      files = std::move(survived);
      open();
      ASSERT_GE(log->durable(), acknowledged) << failing;
      ASSERT_TRUE(log->recovery().lost.empty()) << failing;
      Sequence next = std::max(delivered + 1, log->status().first);
      const auto reader = log->reader(next);
      for (auto entries = reader->read(100, 1U << 22U); entries && !entries->empty();
           entries = reader->read(100, 1U << 22U)) {
        for (const auto& entry : *entries) {
          ASSERT_EQ(entry.type, Type::reading) << failing;
          ASSERT_EQ(entry.sequence, next++) << failing;
        }
      }
      ASSERT_GT(next, acknowledged) << failing;
      ASSERT_TRUE(append("after"));
      log->pump();
      ASSERT_GT(log->durable(), acknowledged) << failing;
      log.reset();
    }
  }
}

}  // namespace
}  // namespace weather::log
