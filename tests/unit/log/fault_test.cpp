// Disks that fail, fill up, or are damaged behind the log's back.
#include "bridge/log/crc32c.hpp"
#include "bridge/log/tools.hpp"
#include "tests/unit/log/harness.hpp"

namespace weather::log {
namespace {

using Call = MemoryFiles::Call;

std::error_code error_of(std::errc e) {
  return {static_cast<int>(e), std::system_category()};
}

class FaultTest : public LogTest {
 protected:
  // The next `times` calls of this kind fail, after `skip` of them went well.
  void fail_next(Call call, std::errc error, int times = 1, int skip = 0, const std::string& suffix = "") {
    files->set_fault([=, left = times, before = skip](Call now, const std::filesystem::path& path) mutable {
      if (now != call || !path.string().ends_with(suffix)) return std::error_code{};
      if (before-- > 0) return std::error_code{};
      return left-- > 0 ? error_of(error) : std::error_code{};
    });
  }
  void heal() { files->set_fault({}); }
};

TEST_F(FaultTest, ASecondWriterIsLockedOut) {
  open();
  EXPECT_EQ(open_manual(options, *files, clock).error(), Errc::locked);
  write("a");
  reopen();
  EXPECT_EQ(read(), "1=a");
}

TEST_F(FaultTest, AFailedSyncIsNeverRepeatedButWrittenElsewhere) {
  open();
  write("a");
  const auto first = segments().at(0);
  fail_next(Call::sync_data, std::errc::io_error);
  EXPECT_EQ(write("b"), 2U);
  EXPECT_EQ(log->durable(), 2U);
  EXPECT_EQ(log->status().sync_errors, 1U);
  ASSERT_EQ(segments().size(), 2U);
  EXPECT_EQ(read(), "1=a 2=b");
  write("c");
  crash();
  EXPECT_EQ(read(), "1=a 2=b 3=c");
  EXPECT_TRUE(log->recovery().lost.empty());
}

TEST_F(FaultTest, AFailedWriteIsWrittenElsewhere) {
  open();
  write("a");
  fail_next(Call::write, std::errc::io_error);
  EXPECT_EQ(write("b"), 2U);
  heal();
  EXPECT_EQ(read(), "1=a 2=b");
}

TEST_F(FaultTest, WhatIsWrittenAheadIsFlushedAndOnceRefusedNotTriedAgain) {
  options.segment_bytes = 4 * test_segment_bytes;
  for (const bool refused : {false, true}) {
    files = std::make_unique<MemoryFiles>();
    open();
    std::string calls;  // write and sync: of the header, of the record, of what is ahead
    files->set_fault([&](Call now, const std::filesystem::path& path) {
      if (path.extension() != ".free" || (now != Call::write && now != Call::sync_data))
        return std::error_code{};
      calls += now == Call::write ? 'w' : 's';
      return refused && calls == "wswsw" ? error_of(std::errc::no_space_on_device) : std::error_code{};
    });
    write("a");
    EXPECT_EQ(calls, refused ? "wswsw" : "wswsws");
    write("b");
    EXPECT_EQ(calls, refused ? "wswswws" : "wswswsws");
    EXPECT_EQ(read(), "1=a 2=b");
    heal();
    close();
  }
}

TEST_F(FaultTest, AfterACleanStopASegmentWithADamagedHeadTakesNoMore) {
  open();
  write("a");
  close();
  const auto first = segments().at(0);
  for (std::uint64_t offset = 0; offset < 48; ++offset) {
    auto whole = files->copy();
    flip(first, offset);
    open();
    EXPECT_TRUE(log->recovery().clean) << offset;
    write("b");
    close();
    EXPECT_EQ(segments().size(), 2U) << offset;
    files = std::move(whole);
  }
}

TEST_F(FaultTest, ADiskThatStaysBrokenDegradesAndRecoversByItself) {
  options.max_pending_bytes = 5000;
  open();
  write("a");
  fail_next(Call::sync_data, std::errc::io_error, 1000000);
  ASSERT_TRUE(append("b"));
  log->pump();
  EXPECT_EQ(log->durable(), 1U);
  EXPECT_FALSE(log->status().writable);
  EXPECT_NE(log->status().reason, "");
  EXPECT_EQ(read(), "1=a");
  EXPECT_EQ(append(std::string(5000, 'x')).error(), Errc::degraded);
  EXPECT_EQ(log->wait_durable(2, std::chrono::milliseconds(1)).error(), Errc::timed_out);
  heal();
  clock.pass(std::chrono::seconds(10));
  log->pump();
  EXPECT_TRUE(log->status().writable);
  EXPECT_EQ(read(), "1=a 2=b");
  EXPECT_EQ(write("c"), 3U);
}

TEST_F(FaultTest, AReadOnlyDiskStopsAcknowledgingButNotReading) {
  open();
  write("a");
  files->set_fault([](Call call, const std::filesystem::path&) {
    const bool writes = call == Call::write || call == Call::rename || call == Call::remove;
    return writes ? error_of(std::errc::read_only_file_system) : std::error_code{};
  });
  ASSERT_TRUE(append("b"));
  log->pump();
  EXPECT_EQ(log->durable(), 1U);
  EXPECT_EQ(read(), "1=a");
  heal();
  clock.pass(std::chrono::seconds(20));
  log->pump();
  EXPECT_EQ(read(), "1=a 2=b");
}

TEST_F(FaultTest, AFullDiskMakesRoomByPolicy) {
  options.max_bytes = 8 * test_segment_bytes;
  open();
  for (int i = 0; i < 24; ++i) write(std::string(30000, 'x'));
  files->set_fault([files = files.get()](Call call, const std::filesystem::path& path) {
    // No new file fits; those that exist may be written.
    const auto bytes = call == Call::write && path.extension() == ".free" ? files->contents(path) : nullptr;
    return bytes && bytes->empty() ? error_of(std::errc::no_space_on_device) : std::error_code{};
  });
  for (int i = 0; i < 24; ++i) write(std::string(30000, 'x'));
  EXPECT_EQ(log->durable(), 48U);
  EXPECT_GT(log->status().dropped_oldest, 0U);
}

TEST_F(FaultTest, AFullDiskWaitsForSpaceUnderBlock) {
  options.on_full = OnFull::block;
  open();
  write("a");
  files->set_fault([](Call call, const std::filesystem::path&) {
    return call == Call::write ? error_of(std::errc::no_space_on_device) : std::error_code{};
  });
  ASSERT_TRUE(append("b"));
  log->pump();
  EXPECT_FALSE(log->status().writable);
  heal();
  clock.pass(std::chrono::seconds(20));
  log->pump();
  EXPECT_EQ(read(), "1=a 2=b");
}

TEST_F(FaultTest, WithIntervalDurabilityAFailedSyncLosesNothingStillInTheCache) {
  options.durability = Durability::interval;
  open();
  write("a");
  write("b");
  EXPECT_EQ(log->durable(), 2U);
  EXPECT_EQ(read(), "");
  fail_next(Call::sync_data, std::errc::io_error);
  clock.pass(std::chrono::seconds(1));
  log->pump();
  EXPECT_EQ(read(), "1=a 2=b");
  EXPECT_EQ(segments().size(), 1U);
  write("c");
  clock.pass(std::chrono::seconds(1));
  log->pump();
  crash();
  EXPECT_EQ(read(), "1=a 2=b 3=c");
}

TEST_F(FaultTest, AnAppendIsOneFrameAndTooMuchIsRefused) {
  open();
  EXPECT_EQ(append(std::string(2U << 20U, 'x')).error(), Errc::too_large);
  EXPECT_EQ(log->append({}, Wait::now).error(), Errc::invalid);
  std::vector<Record> records(3, Record{.time_ns = 5, .payload = bytes_of("r")});
  EXPECT_EQ(*log->append(records, Wait::now), 3U);
  log->pump();
  EXPECT_EQ(read(), "1=r 2=r 3=r");
}

TEST_F(FaultTest, AfterCloseNothingIsAccepted) {
  open();
  ASSERT_TRUE(append("a", Wait::grouped));
  ASSERT_TRUE(log->close());
  ASSERT_TRUE(log->close());
  EXPECT_EQ(append("b").error(), Errc::closed);
  EXPECT_EQ(log->flush_cursors().error(), Errc::closed);
  EXPECT_EQ(log->durable(), 1U);
}

// What waits between two tries grows from the interval: of none it would be none, and a try without an end.
TEST_F(FaultTest, WithoutAnIntervalABrokenDiskIsStillLeftAloneForAWhile) {
  for (const int ms : {0, -5}) {
    options.commit_interval = std::chrono::milliseconds(ms);
    open();
    files->set_fault([](Call call, const std::filesystem::path&) {
      return call == Call::write ? error_of(std::errc::io_error) : std::error_code{};
    });
    EXPECT_TRUE(append("a"));
    const auto before = files->calls(Call::write);
    log->pump();
    EXPECT_LT(files->calls(Call::write) - before, 10U);
    heal();
    clock.pass(std::chrono::seconds(10));
    log->pump();
    EXPECT_GE(log->durable(), 1U);
    close();
  }
}

TEST_F(FaultTest, BadCursorNamesAreInvalid) {
  open();
  for (const auto* name : {"", ".hidden", "a/b", "a b"})
    EXPECT_EQ(log->open_cursor(name).error(), Errc::invalid);
}

TEST_F(FaultTest, ANewerFormatIsRefused) {
  open();
  write("a");
  close();
  for (const auto* name : {"/log/LOG", "/log/STATE"}) {
    auto copy = files->copy();
    auto bytes = copy->contents(name);
    for (std::size_t slot = 0; slot < 2; ++slot) {
      auto* block = bytes->data() + slot * 4096;
      put(block + 12, std::uint16_t{9});
      put(block + 8, crc32c({block + 12, 4084}));
    }
    const auto error = open_manual(options, *copy, clock).error();
    EXPECT_EQ(error, Errc::newer) << name;
    EXPECT_EQ(error.place(""), std::string(name) + " at byte 0");
  }
}

TEST_F(FaultTest, BothCopiesOfLogAndStateMayBeLost) {
  open();
  write("a");
  const auto id = log->id();
  close();
  for (const auto* name : {"/log/LOG", "/log/STATE"}) {
    flip(name, 100);
    flip(name, 4096 + 100);
  }
  open();
  EXPECT_EQ(log->id(), id);
  EXPECT_EQ(read(), "1=a");
  EXPECT_EQ(write("b"), 2U);
}

TEST_F(FaultTest, ADiskThatCannotReadForAWhileLosesNothing) {
  open();
  write("a");
  write("b");
  const auto reader = log->reader(1);
  files->set_fault([](Call call, const std::filesystem::path&) {
    return call == Call::read ? error_of(std::errc::io_error) : std::error_code{};
  });
  const auto place = segments()[0].string() + " at byte 4096: ";
  for (int i = 0; i < 20; ++i)
    EXPECT_EQ(reader->read(10, 1000).error().message(), place + "Input/output error");
  heal();
  EXPECT_EQ(read(*reader), "1=a 2=b");
}

TEST_F(FaultTest, DamageFoundByReadersIsCountedOnce) {
  open();
  write("a");
  write("b");
  write("c");
  flip(segments()[0], 2 * 4096 + 66);
  EXPECT_EQ(read(), "1=a [2-2 damaged] 3=c");
  EXPECT_EQ(read(), "1=a [2-2 damaged] 3=c");
  log->pump();
  EXPECT_EQ(log->status().lost, 1U);
  reopen();
  EXPECT_EQ(read(), "1=a [2-2 damaged] 3=c");
  log->pump();
  EXPECT_EQ(log->status().lost, 1U);
}

TEST_F(FaultTest, AHeaderThatStrayedHidesNoFrameBehindIt) {
  open();
  write(std::string(5000, 'a'));  // two blocks
  write("b");
  close();
  // The first sector of the first frame also arrives where the second one is.
  auto bytes = files->contents(segments()[0]);
  std::copy_n(bytes->begin() + 4096, 512, bytes->begin() + 3 * 4096);
  open();
  EXPECT_EQ(write("c"), 3U);
  EXPECT_EQ(read(2), "[2-2 damaged] 3=c");
}

}  // namespace
}  // namespace weather::log
