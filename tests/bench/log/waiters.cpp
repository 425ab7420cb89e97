// Many who wait for their record at once, against a bare pwrite + fdatasync of groups of the same size, in
// turns of a second on one disk.
#include <atomic>
#include <chrono>
#include <cstdio>
#include <stdexcept>
#include <thread>

#include "bridge/log/clock.hpp"
#include "bridge/log/files.hpp"
#include "bridge/log/log.hpp"
#include "tests/bench/log/engine.hpp"
#include "tests/bench/log/parts.hpp"
#include "tests/bench/log/private_disk.hpp"

namespace weather::log::bench {

namespace {

using Clock = std::chrono::steady_clock;
constexpr int waiters = 64, turns = 5;
constexpr std::chrono::seconds turn_time{1};

struct Sum {
  double records = 0, commits = 0, seconds = 0;
};

void failed() {
  throw std::runtime_error("log: append failed");
}

// A thread for each waiter, blocked in wait_durable.
void by_threads(Log& log, Clock::time_point end) {
  const auto bytes = payload(1);
  std::atomic<bool> good = true;
  std::vector<std::thread> threads;
  for (int i = 0; i < waiters; ++i) {
    threads.emplace_back([&] {
      const Record record{0, Type::reading, bytes};
      while (Clock::now() < end && good) {
        const auto last = log.append(std::span(&record, 1), Wait::now);
        if (!last || !log.wait_durable(*last, std::chrono::seconds(30))) good = false;
      }
    });
  }
  for (auto& thread : threads) thread.join();
  if (!good) failed();
}

// As the MQTT listener does it: one thread, told by on_durable, sends the next message for each acknowledged.
void by_callback(Log& log, std::atomic<Sequence>& durable, Clock::time_point end) {
  const auto bytes = payload(1);
  const Record record{0, Type::reading, bytes};
  Sequence last = log.durable();
  while (Clock::now() < end) {
    const auto reached = durable.load();
    for (; last < reached + waiters; ++last) {
      if (!log.append(std::span(&record, 1), Wait::now)) failed();
    }
    durable.wait(reached);
  }
  if (!log.wait_durable(last, std::chrono::seconds(30))) failed();
}

template <class Work>
void measure(Log& log, Sum& sum, const Work& work) {
  const auto before = log.status();
  const auto start = Clock::now();
  work(start + turn_time);
  sum.seconds += std::chrono::duration<double>(Clock::now() - start).count();
  const auto after = log.status();
  sum.records += static_cast<double>(after.durable - before.durable);
  sum.commits += static_cast<double>(after.commits - before.commits);
  Cursor cursor{.next = after.durable + 1, .delivered = after.durable};
  log.advance("kafka", cursor);
}

void measure_bare(Engine& bare, const Sum& like, Sum& sum) {
  const auto group = static_cast<std::uint64_t>(like.records / like.commits + 0.5);
  const auto start = Clock::now();
  for (; Clock::now() < start + turn_time; sum.commits += 1) bare.commit(group);
  sum.seconds += std::chrono::duration<double>(Clock::now() - start).count();
  sum.records = sum.commits * static_cast<double>(group);
}

void print(const char* name, const Sum& sum, double of_bare) {
  std::printf("| %s | %.0f | %.0f | %.1f | %.2f |\n", name, sum.records / sum.seconds,
              sum.commits / sum.seconds, sum.records / sum.commits, of_bare);
}

}  // namespace

void compare_waiters(const std::filesystem::path& folder) {
  PrivateDisk disk(folder, 256U << 20);
  Options options;
  options.dir = disk.path() / "log";
  options.max_bytes = 128U << 20;
  const auto bare = bare_engine(disk.path());
  auto opened = Log::open(options, posix_files(), system_clock());
  if (!opened) throw std::runtime_error("log: " + opened.error().message());
  Log& log = **opened;
  std::atomic<Sequence> durable = log.durable();
  log.on_durable([&durable](Sequence to) {
    durable = to;
    durable.notify_one();
  });
  Sum threads, callback, bare_threads, bare_callback;
  Sum warm_up;
  measure(log, warm_up, [&](auto end) { by_threads(log, end); });
  for (int i = 0; i < turns; ++i) {
    measure(log, threads, [&](auto end) { by_threads(log, end); });
    measure_bare(*bare, threads, bare_threads);
    measure(log, callback, [&](auto end) { by_callback(log, durable, end); });
    measure_bare(*bare, callback, bare_callback);
  }
  const auto share = [](const Sum& ours, const Sum& theirs) {
    return ours.commits / ours.seconds / (theirs.commits / theirs.seconds);
  };
  std::printf(
      "| 64 waiters | records/s | commits/s | records a commit | commits/s of bare "
      "|\n|---|---:|---:|---:|---:|\n");
  print("64 threads in wait_durable", threads, share(threads, bare_threads));
  print("bare pwrite + fdatasync", bare_threads, 1);
  print("64 records under way, on_durable", callback, share(callback, bare_callback));
  print("bare pwrite + fdatasync", bare_callback, 1);
}

}  // namespace weather::log::bench
