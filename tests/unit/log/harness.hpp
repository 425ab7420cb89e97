// A small language for tests of the log: write, commit, reopen, corrupt, read back. Time stands still unless
// moved.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "bridge/log/bytes.hpp"
#include "bridge/log/clock.hpp"
#include "bridge/log/loss.hpp"
#include "bridge/log/manual.hpp"
#include "tests/unit/log/memory_files.hpp"

namespace weather::log {

class StillClock : public Clock {
 public:
  std::int64_t wall_ns() override { return wall; }
  std::chrono::steady_clock::time_point steady() override { return now; }
  void pass(std::chrono::milliseconds time) {
    now += time;
    wall += std::chrono::nanoseconds(time).count();
  }
  std::int64_t wall = 1'758'349'800'000'000'000;  // 2025-09-20T06:30:00Z
  std::chrono::steady_clock::time_point now{std::chrono::hours(1)};
};

class LogTest : public testing::Test {
 protected:
  LogTest() {
    options.dir = "/log";
    options.segment_bytes = test_segment_bytes;
    options.max_bytes = 64 * test_segment_bytes;
    options.random_seed = 7;
  }

  static constexpr std::uint64_t test_segment_bytes = 256U << 10U;

  void open() {
    auto opened = open_manual(options, *files, clock);
    ASSERT_TRUE(opened) << opened.error().message();
    log = std::move(*opened);
  }
  void reopen() {
    close();
    open();
  }
  void close() {
    if (log) {
      ASSERT_TRUE(log->close());
    }
    log.reset();
  }
  // The process dies: what it had not written is gone, the files stay as they are.
  void crash() {
    auto survived = files->copy();
    log.reset();
    files = std::move(survived);
    open();
  }

  Result<Sequence> append(std::string_view text, Wait wait = Wait::now) {
    const Record record{.time_ns = clock.wall, .payload = bytes_of(text)};
    return log->append({&record, 1}, wait);
  }
  // Appends and commits; the sequence.
  Sequence write(std::string_view text) {
    const auto sequence = append(text);
    EXPECT_TRUE(sequence) << sequence.error().message();
    if (!sequence) return 0;
    log->pump();
    return *sequence;
  }
  // The consumer "kafka" has everything before `next`.
  void deliver(Sequence next) {
    log->advance("kafka", {.next = next, .delivered = next - 1});
    ASSERT_TRUE(log->flush_cursors());
  }
  // The loss records in the stream.
  std::vector<Loss> losses(Sequence from = 1) {
    std::vector<Loss> found;
    const auto reader = log->reader(from);
    for (auto entries = reader->read(100, 1U << 20U); entries && !entries->empty();
         entries = reader->read(100, 1U << 20U)) {
      for (const auto& entry : *entries) {
        if (entry.type == Type::loss) found.push_back(*decode_loss(entry.payload));
      }
    }
    return found;
  }
  // "1=a 2=b [3-5 damaged] 6=c": everything a new reader gives from `from` on.
  std::string read(Sequence from = 1, std::size_t max_records = 1000) {
    return read(*log->reader(from), max_records);
  }
  std::string read(Reader& reader, std::size_t max_records = 1000) {
    std::string text;
    for (;;) {
      const auto entries = reader.read(max_records, 1U << 20U);
      if (!entries) return text + "error: " + entries.error().message();
      if (entries->empty()) return text;
      for (const auto& entry : *entries) text += (text.empty() ? "" : " ") + show(entry);
    }
  }
  static std::string show(const Entry& entry) {
    if (entry.type == Type::loss) {
      const auto loss = decode_loss(entry.payload);
      if (!loss) return "[bad loss]";
      if (loss->first == 0)
        return "[" + std::to_string(loss->records) + " " + std::string(to_text(loss->reason)) + "]";
      return "[" + std::to_string(loss->first) + "-" + std::to_string(loss->last) + " " +
             std::string(to_text(loss->reason)) + "]";
    }
    return std::to_string(entry.sequence) + "=" +
           std::string(reinterpret_cast<const char*>(entry.payload.data()), entry.payload.size());
  }

  std::vector<std::filesystem::path> segments() {
    std::vector<std::filesystem::path> found;
    for (const auto& path : files->paths()) {
      if (path.extension() == ".seg" && path.parent_path() == "/log") found.push_back(path);
    }
    return found;
  }
  void flip(const std::filesystem::path& path, std::uint64_t offset, unsigned bits = 0x10) {
    auto bytes = files->contents(path);
    ASSERT_TRUE(bytes && offset < bytes->size()) << path << ' ' << offset;
    (*bytes)[static_cast<std::size_t>(offset)] ^= static_cast<std::byte>(bits);
  }

  std::unique_ptr<MemoryFiles> files = std::make_unique<MemoryFiles>();
  StillClock clock;
  Options options;
  std::unique_ptr<ManualLog> log;
};

}  // namespace weather::log
