// Many who wait for their record at once, against a bare pwrite + fdatasync of groups of the same size, in
// turns of a quarter of a second on one disk.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <stdexcept>
#include <thread>
#include <vector>

#include "bridge/log/clock.hpp"
#include "bridge/log/files.hpp"
#include "bridge/log/log.hpp"
#include "tests/bench/log/engine.hpp"
#include "tests/bench/log/parts.hpp"
#include "tests/bench/log/private_disk.hpp"

namespace weather::log::bench {

namespace {

using Clock = std::chrono::steady_clock;
constexpr int waiters = 64, turns = 40;
constexpr std::chrono::milliseconds turn_time{250};

struct Sum {
  double records = 0, commits = 0, seconds = 0;
  void operator+=(const Sum& turn) {
    records += turn.records;
    commits += turn.commits;
    seconds += turn.seconds;
  }
};

// Ours and the bare one after it, turn by turn: the median of their shares stands for what neighbours on the
// machine or the disk did to a few of them.
struct Pairs {
  Sum ours, bare;
  std::vector<double> shares;
  void add(const Sum& our, const Sum& their) {
    ours += our;
    bare += their;
    shares.push_back(our.commits / our.seconds / (their.commits / their.seconds));
  }
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
Sum measure(Log& log, const Work& work) {
  const auto before = log.status();
  const auto start = Clock::now();
  work(start + turn_time);
  const auto seconds = std::chrono::duration<double>(Clock::now() - start).count();
  const auto after = log.status();
  Cursor cursor{.next = after.durable + 1, .delivered = after.durable};
  log.advance("kafka", cursor);
  return {static_cast<double>(after.durable - before.durable),
          static_cast<double>(after.commits - before.commits), seconds};
}

Sum measure_bare(Engine& bare, const Sum& like) {
  const auto group = static_cast<std::uint64_t>(like.records / like.commits + 0.5);
  Sum sum;
  const auto start = Clock::now();
  for (; Clock::now() < start + turn_time; sum.commits += 1) bare.commit(group);
  sum.seconds = std::chrono::duration<double>(Clock::now() - start).count();
  sum.records = sum.commits * static_cast<double>(group);
  return sum;
}

void print(const char* name, const Sum& sum, const char* share) {
  std::printf("| %s | %.0f | %.0f | %.1f | %s |\n", name, sum.records / sum.seconds,
              sum.commits / sum.seconds, sum.records / sum.commits, share);
}

void print(const char* name, Pairs& pairs) {
  std::ranges::sort(pairs.shares);
  const auto at = [&pairs](double part) {
    return pairs.shares[static_cast<std::size_t>(part * static_cast<double>(pairs.shares.size() - 1))];
  };
  char share[64];
  std::snprintf(share, sizeof share, "%.2f (%.2f to %.2f)", at(0.5), at(0.25), at(0.75));
  print(name, pairs.ours, share);
  print("bare pwrite + fdatasync", pairs.bare, "1");
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
  const auto threads = [&](auto end) { by_threads(log, end); };
  const auto callback = [&](auto end) { by_callback(log, durable, end); };
  Pairs of_threads, of_callback;
  measure(log, threads);  // warm-up
  for (int i = 0; i < turns; ++i) {
    const auto by_thread = measure(log, threads);
    of_threads.add(by_thread, measure_bare(*bare, by_thread));
    const auto reported = measure(log, callback);
    of_callback.add(reported, measure_bare(*bare, reported));
  }
  std::printf(
      "| 64 waiters | records/s | commits/s | records a commit | commits/s of bare, median and quartiles of "
      "%d turns "
      "|\n|---|---:|---:|---:|---:|\n",
      turns);
  print("64 threads in wait_durable", of_threads);
  print("64 records under way, on_durable", of_callback);
}

}  // namespace weather::log::bench
