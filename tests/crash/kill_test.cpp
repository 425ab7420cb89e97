// A writer process is killed with SIGKILL at a random moment, again and again, in one folder. What it had
// told its parent over a pipe must be there the next time.
#include <csignal>
#include <cstdio>
#include <filesystem>

#include <gtest/gtest.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bridge/log/files.hpp"
#include "tests/crash/block_device.hpp"
#include "tests/crash/check.hpp"
#include "tests/crash/settings.hpp"

namespace weather::log::test {
namespace {

struct Message {
  enum class Kind : std::uint64_t { appending, promised } kind;
  std::uint64_t last, count;  // appending
  Promise promise;
};

Options options_in(const std::filesystem::path& folder) {
  Options options;
  options.dir = folder / "log";
  options.segment_bytes = 64U << 10;
  options.max_bytes = 4U << 20;
  options.commit_interval = std::chrono::milliseconds(5);
  return options;
}

// Runs until killed. The payload of a record follows from its sequence.
[[noreturn]] void write_until_killed(const Options& options, std::uint64_t seed, std::uint64_t round,
                                     int pipe) {
  const auto report = [pipe](const Message& message) {
    if (write(pipe, &message, sizeof message) != sizeof message) _exit(3);
  };
  auto opened = Log::open(options, posix_files(), system_clock());
  if (!opened) _exit(4);
  Log& log = **opened;
  log.on_durable([&](Sequence to) { report({Message::Kind::promised, 0, 0, {to, 0, 0}}); });
  Cursor cursor = *log.open_cursor("kafka");
  Random random(derive(seed, round));
  while (true) {
    if (random.one_in(10)) {
      const auto reader = log.reader(cursor.next);
      const auto entries = reader->read(random.between(1, 200), 64U << 10);
      if (!entries) _exit(5);
      for (const auto& entry : *entries) count_delivered(entry, cursor);
      report({Message::Kind::promised, 0, 0, {0, cursor.next - 1, 0}});
      log.advance("kafka", cursor);
      if (random.one_in(2) && log.flush_cursors()) {
        report({Message::Kind::promised, 0, 0, {0, 0, cursor.next - 1}});
      }
    }
    const auto count = random.between(1, 8);
    const Sequence first = log.status().appended + 1;
    std::vector<std::vector<std::byte>> payloads;
    std::vector<Record> records;
    for (std::uint64_t i = 0; i < count; ++i) payloads.push_back(payload_of(seed, first + i));
    for (const auto& payload : payloads) records.push_back({1, Type::reading, payload});
    report({Message::Kind::appending, first + count - 1, count, {}});
    const auto last = log.append(records, random.one_in(2) ? Wait::now : Wait::grouped);
    if (!last || *last != first + count - 1) _exit(6);
    if (random.one_in(2) && !log.wait_durable(*last, std::chrono::seconds(30))) _exit(7);
  }
}

void take(const Message& message, Given& given, Promise& promise) {
  if (message.kind == Message::Kind::appending) {
    given.groups[message.last] = {message.last + 1 - message.count, message.count};
    return;
  }
  promise.acknowledged = std::max(promise.acknowledged, message.promise.acknowledged);
  promise.delivered = std::max(promise.delivered, message.promise.delivered);
  promise.delivered_kept = std::max(promise.delivered_kept, message.promise.delivered_kept);
}

// Listens for that long, kills, hears the rest. Returns how the child ended.
int listen_and_kill(pid_t child, int pipe, std::uint64_t after_us, Given& given, Promise& promise) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::microseconds(after_us);
  Message message{};
  bool killed = false;
  while (true) {
    if (!killed && std::chrono::steady_clock::now() >= end) {
      kill(child, SIGKILL);
      killed = true;
    }
    pollfd ready{pipe, POLLIN, 0};
    if (poll(&ready, 1, 1) == 0) continue;
    if (read(pipe, &message, sizeof message) != sizeof message) break;
    take(message, given, promise);
  }
  int status = 0;
  waitpid(child, &status, 0);
  return status;
}

TEST(Kill, LosesNothingAcknowledged) {
  const auto seed = run_seed();
  const auto kills = run_size(50, 1'000);
  const auto folder = fresh_folder("weather-kill");
  const Options options = options_in(folder);
  Given given;
  given.seed = seed;
  Promise promise;
  Random random(derive(seed, 4));
  for (std::uint64_t round = 0; round < kills; ++round) {
    int ends[2];
    ASSERT_EQ(pipe(ends), 0);
    const pid_t child = fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      close(ends[0]);
      write_until_killed(options, seed, round, ends[1]);
    }
    close(ends[1]);
    const int status = listen_and_kill(child, ends[0], random.between(500, 60'000), given, promise);
    close(ends[0]);
    ASSERT_TRUE(WIFSIGNALED(status)) << "round " << round << ": the writer ended by itself, " << status;
    const auto log = Log::open(options, posix_files(), system_clock());
    ASSERT_TRUE(log) << log.error().message();
    ASSERT_EQ(judge(**log, promise, given, options), "") << "WEATHER_SEED=" << seed << " round " << round;
    const Sequence durable = (*log)->durable();
    given.groups.erase(given.groups.upper_bound(durable), given.groups.end());
    const Sequence next = (*log)->open_cursor("kafka")->next;
    promise = {durable, next - 1, next - 1};
  }
  std::printf("seed %llu: %llu kills, %llu records acknowledged, 0 lost\n",
              static_cast<unsigned long long>(seed), static_cast<unsigned long long>(kills),
              static_cast<unsigned long long>(promise.acknowledged));
  EXPECT_GT(promise.acknowledged, kills);
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace weather::log::test
