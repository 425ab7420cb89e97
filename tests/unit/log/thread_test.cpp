// The log with its own thread, many callers at once, on a real disk.
#include <atomic>
#include <filesystem>
#include <thread>

#include <sys/stat.h>
#include <unistd.h>

#include "bridge/log/files.hpp"
#include "bridge/log/turnstile.hpp"
#include "tests/unit/log/harness.hpp"
#include "tests/unit/temporary_folder.hpp"

namespace weather::log {
namespace {

class ThreadTest : public testing::Test {
 protected:
  ThreadTest() {
    options.dir = folder / "log";
    options.segment_bytes = 256U << 10U;
    options.max_bytes = 64U << 20U;
    options.commit_interval = std::chrono::milliseconds(20);
  }

  std::unique_ptr<Log> open() {
    auto log = Log::open(options, posix_files(), system_clock());
    EXPECT_TRUE(log) << log.error().message();
    return std::move(*log);
  }

  const TemporaryFolder temporary;
  const std::filesystem::path& folder = temporary.path();
  Options options;
};

TEST_F(ThreadTest, ManyWritersOneReaderAndACursor) {
  constexpr int writer_count = 4;
  constexpr int appends_each = 500;
  auto log = open();
  std::atomic<int> called{0};
  log->on_durable([&](Sequence) { ++called; });
  std::vector<std::thread> writers;
  for (int w = 0; w < writer_count; ++w) {
    writers.emplace_back([&log, w] {
      for (int i = 0; i < appends_each; ++i) {
        const auto text = std::to_string(w) + ":" + std::to_string(i);
        const Record record{.time_ns = i, .payload = bytes_of(text)};
        const auto sequence = log->append({&record, 1}, i % 10 == 0 ? Wait::now : Wait::grouped);
        ASSERT_TRUE(sequence);
        if (i % 10 == 0) {
          ASSERT_TRUE(log->wait_durable(*sequence, std::chrono::seconds(30)));
        }
      }
    });
  }
  const auto reader = log->reader(1);
  Sequence next = 1;
  std::vector<int> seen(writer_count, 0);
  while (next <= writer_count * appends_each) {
    const auto entries = reader->read(100, 10000);
    ASSERT_TRUE(entries);
    if (entries->empty()) std::this_thread::yield();
    for (const auto& entry : *entries) {
      ASSERT_EQ(entry.sequence, next++);
      const std::string text(reinterpret_cast<const char*>(entry.payload.data()), entry.payload.size());
      ASSERT_EQ(std::stoi(text.substr(2)), seen[static_cast<std::size_t>(text[0] - '0')]++);
    }
    log->advance("kafka", {.next = next, .delivered = next - 1});
    static_cast<void>(log->status());
  }
  for (auto& writer : writers) writer.join();
  EXPECT_GT(called, 0);
  EXPECT_TRUE(log->flush_cursors());
  EXPECT_TRUE(log->close());
  log = open();
  EXPECT_TRUE(log->recovery().clean);
  EXPECT_EQ(log->open_cursor("kafka")->next, static_cast<Sequence>(writer_count * appends_each + 1));
}

TEST_F(ThreadTest, AWaiterIsToldWhenTheLogCloses) {
  auto log = open();
  std::thread waiter(
      [&log] { EXPECT_EQ(log->wait_durable(100, std::chrono::seconds(30)).error(), Errc::closed); });
  std::this_thread::sleep_for(std::chrono::milliseconds(20));
  EXPECT_TRUE(log->close());
  waiter.join();
}

TEST_F(ThreadTest, AGroupedAppendBecomesDurableByItself) {
  auto log = open();
  const Record record{.payload = bytes_of("a")};
  ASSERT_TRUE(log->append({&record, 1}, Wait::grouped));
  for (int i = 0; i < 1000 && log->durable() == 0; ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  EXPECT_EQ(log->durable(), 1U);
}

// What the watchdog looks at.
TEST_F(ThreadTest, StatusSaysWhatIsDurableAsSoonAsItIs) {
  auto log = open();
  std::atomic<Sequence> reported{0}, in_status{0};
  log->on_durable([&](Sequence durable) {
    in_status = log->status().durable;
    reported = durable;
  });
  const Record record{.payload = bytes_of("a")};
  for (int i = 0; i < 50; ++i) {
    const auto sequence = log->append({&record, 1}, Wait::now);
    ASSERT_TRUE(sequence);
    ASSERT_TRUE(log->wait_durable(*sequence, std::chrono::seconds(30)));
    ASSERT_GE(log->status().durable, *sequence);
  }
  ASSERT_TRUE(log->close());
  EXPECT_EQ(reported, 50U);
  EXPECT_EQ(in_status, 50U) << "one commit late";
}

// More threads than processors, each of which waits for each of its records: none is forgotten.
TEST_F(ThreadTest, EveryOneOfManyWaitersIsWoken) {
  constexpr int waiter_count = 32, appends_each = 60;
  auto log = open();
  std::vector<std::thread> waiters;
  for (int w = 0; w < waiter_count; ++w) {
    waiters.emplace_back([&log] {
      const Record record{.payload = bytes_of("abc")};
      for (int i = 0; i < appends_each; ++i) {
        const auto sequence = log->append({&record, 1}, Wait::now);
        ASSERT_TRUE(sequence);
        ASSERT_TRUE(log->wait_durable(*sequence, std::chrono::seconds(30)));
        ASSERT_GE(log->durable(), *sequence);
      }
    });
  }
  for (auto& waiter : waiters) waiter.join();
  EXPECT_EQ(log->durable(), static_cast<Sequence>(waiter_count * appends_each));
  EXPECT_LT(log->status().commits, static_cast<std::uint64_t>(waiter_count * appends_each))
      << "nobody shared a flush";
}

// Each that is woken wakes the next: neither those who give up meanwhile nor those who wait for a later turn
// may break the chain.
TEST(TurnstileTest, WakesEverySleeperOfItsTurnAndNobodyElse) {
  for (int round = 0; round < 200; ++round) {
    Turnstile turnstile;
    const auto now = std::chrono::steady_clock::now();
    const auto long_enough = now + std::chrono::seconds(60);
    const auto turn = turnstile.turn();
    std::atomic<int> woken{0}, late{0};
    std::vector<std::thread> sleepers;
    for (int i = 0; i < 12; ++i) {
      const auto deadline = i % 3 == 0 ? now + std::chrono::microseconds(round * 20) : long_enough;
      sleepers.emplace_back([&, deadline] {
        while (turnstile.turn() == turn && turnstile.wait(turn, deadline)) {
        }
        ++woken;
      });
    }
    sleepers.emplace_back([&] {
      while (turnstile.turn() == turn) std::this_thread::yield();
      while (turnstile.turn() == turn + 1 && turnstile.wait(turn + 1, long_enough)) {
      }
      ++late;
    });
    turnstile.open();
    while (woken < 12) std::this_thread::yield();
    EXPECT_EQ(late, 0);
    turnstile.open();
    for (auto& sleeper : sleepers) sleeper.join();
    ASSERT_LT(std::chrono::steady_clock::now(), long_enough);
  }
}

TEST_F(ThreadTest, AWaiterForARecordThatIsAppendedLaterIsWoken) {
  auto log = open();
  const Record record{.payload = bytes_of("a")};
  std::thread waiter([&log] { EXPECT_TRUE(log->wait_durable(9, std::chrono::seconds(30))); });
  for (int i = 0; i < 9; ++i) {
    const auto sequence = log->append({&record, 1}, Wait::now);
    ASSERT_TRUE(sequence);
    ASSERT_TRUE(log->wait_durable(*sequence, std::chrono::seconds(30)));
  }
  waiter.join();
}

TEST_F(ThreadTest, AWaiterGivesUpInTime) {
  auto log = open();
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_EQ(log->wait_durable(1, std::chrono::milliseconds(50)).error(), Errc::timed_out);
  EXPECT_GE(std::chrono::steady_clock::now() - begin, std::chrono::milliseconds(50));
}

TEST_F(ThreadTest, ASecondProcessesLogIsLocked) {
  auto log = open();
  EXPECT_EQ(Log::open(options, posix_files(), system_clock()).error(), Errc::locked);
}

// What is acknowledged must be in a file that a restart finds.
TEST_F(ThreadTest, ADeletedSegmentIsLeftForANewOne) {
  const auto append = [](Log& log, const char* text) {
    const Record record{.payload = bytes_of(std::string_view(text))};
    const auto sequence = log.append({&record, 1}, Wait::now);
    EXPECT_TRUE(sequence);
    return log.wait_durable(*sequence, std::chrono::seconds(5));
  };
  const auto read = [](Log& log) {
    std::string all;
    const auto reader = log.reader(1);
    for (auto entries = reader->read(10, 10000); entries && !entries->empty();
         entries = reader->read(10, 10000))
      for (const auto& entry : *entries)
        all += entry.type == Type::loss
                   ? "loss "
                   : std::string(reinterpret_cast<const char*>(entry.payload.data()), entry.payload.size());
    return all;
  };
  {
    auto log = open();
    ASSERT_TRUE(append(*log, "before"));
    for (const auto& file : std::filesystem::directory_iterator(options.dir))
      if (file.path().extension() == ".seg") std::filesystem::remove(file.path());
    ASSERT_TRUE(append(*log, "after"));
    EXPECT_EQ(read(*log), "loss after");
  }
  EXPECT_EQ(read(*open()), "loss after");
}

TEST_F(ThreadTest, WithoutItsFolderNothingIsDurable) {
  auto log = open();
  std::filesystem::rename(options.dir, folder / "elsewhere");
  std::filesystem::remove_all(folder / "elsewhere");
  const std::string text = "lost";
  const Record record{.payload = bytes_of(text)};
  const auto sequence = log->append({&record, 1}, Wait::now);
  ASSERT_TRUE(sequence);
  EXPECT_FALSE(log->wait_durable(*sequence, std::chrono::milliseconds(500)));
  EXPECT_FALSE(log->status().writable);
  EXPECT_NE(log->status().reason.find("No such file"), std::string::npos) << log->status().reason;
}

// A tool that root starts in the service's folder leaves it to the service.
TEST_F(ThreadTest, FoldersAndFilesBelongToTheOwnerOfTheFolderTheyAreIn) {
  const auto owner = [](const std::filesystem::path& path) {
    struct stat found {};
    EXPECT_EQ(::stat(path.c_str(), &found), 0) << path;
    return found.st_uid;
  };
  const uid_t wanted = ::geteuid() == 0 ? 12'345 : ::geteuid();
  ASSERT_EQ(::chown(folder.c_str(), wanted, static_cast<gid_t>(-1)), 0);
  ASSERT_TRUE(posix_files().make_dir(folder / "a" / "b"));
  ASSERT_TRUE(posix_files().open(folder / "a" / "b" / "c", Mode::create));
  for (const auto* made : {"a", "a/b", "a/b/c"}) EXPECT_EQ(owner(folder / made), wanted) << made;
}

TEST_F(ThreadTest, OverloadRefusesInsteadOfGrowing) {
  options.max_pending_bytes = 64U << 10U;
  auto log = open();
  const std::string text(1000, 'x');
  const Record record{.payload = bytes_of(text)};
  std::error_code refused;
  for (int i = 0; i < 1000000 && !refused; ++i) {
    if (const auto done = log->append({&record, 1}, Wait::grouped); !done) refused = done.error();
    EXPECT_LE(log->status().pending_bytes, options.max_pending_bytes);
  }
  EXPECT_EQ(refused, Errc::full);
}

}  // namespace
}  // namespace weather::log
