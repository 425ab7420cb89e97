#include <array>
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

constexpr std::uint64_t disk_bytes = 512U << 20;
using Seconds = std::chrono::duration<double>;

double since(std::chrono::steady_clock::time_point start) {
  return Seconds(std::chrono::steady_clock::now() - start).count();
}

struct Measured {
  double first_amplification = 0, amplification = 0, flushes_per_commit = 0, commits_per_s = 0;
};

// Three segments' worth of commits first, so that recycling, checkpoints and compaction are in the figure;
// what files cost while they are new is counted apart.
Measured measure(Maker make, const std::filesystem::path& folder, std::uint64_t group) {
  const std::uint64_t bytes_per_commit = (group * 200 + 4095) / 4096 * 4096;
  const std::uint64_t warm_up = (26U << 20) / bytes_per_commit, commits = (24U << 20) / bytes_per_commit;
  PrivateDisk disk(folder, disk_bytes);
  const auto engine = make(disk.path());
  const auto fresh = disk.counters();
  for (std::uint64_t i = 0; i < warm_up; ++i) engine->commit(group);
  const auto before = disk.counters();
  const auto start = std::chrono::steady_clock::now();
  for (std::uint64_t i = 0; i < commits; ++i) engine->commit(group);
  const double took = since(start);
  const auto after = disk.counters();
  const auto n = static_cast<double>(commits);
  const auto payload_bytes = static_cast<double>(group * record_bytes);
  return {static_cast<double>(before.bytes - fresh.bytes) / (static_cast<double>(warm_up) * payload_bytes),
          static_cast<double>(after.bytes - before.bytes) / (n * payload_bytes),
          static_cast<double>(after.flushes - before.flushes) / n, n / took};
}

}  // namespace

void compare_engines(const std::filesystem::path& folder) {
  constexpr std::array<Maker, 4> makers{own_engine, sqlite_engine, rocksdb_engine, lmdb_engine};
  std::printf(
      "| engine | records a commit | device bytes per payload byte | while files are new | flushes a commit "
      "| "
      "commits/s |\n");
  std::printf("|---|---:|---:|---:|---:|---:|\n");
  for (const std::uint64_t group : {1U, 10U, 32U, 512U}) {
    for (const auto make : makers) {
      const auto name = [&] {
        const auto scratch = test::fresh_folder("weather-bench-name");
        auto text = make(scratch)->name();
        std::filesystem::remove_all(scratch);
        return text;
      }();
      const auto measured = measure(make, folder, group);
      std::printf("| %s | %llu | %.2f | %.2f | %.2f | %.0f |\n", name.c_str(),
                  static_cast<unsigned long long>(group), measured.amplification,
                  measured.first_amplification, measured.flushes_per_commit, measured.commits_per_s);
      std::fflush(stdout);
    }
  }
}

void measure_daily_life(const std::filesystem::path& folder) {
  constexpr int seconds = 60, per_second = 10;
  PrivateDisk disk(folder, disk_bytes / 2);
  Options options;
  options.dir = disk.path() / "log";
  auto opened = Log::open(options, posix_files(), system_clock());
  if (!opened) throw std::runtime_error("log: " + opened.error().message());
  Log& log = **opened;
  const auto bytes = payload(1);
  const Record record{0, Type::reading, bytes};
  const auto last = log.append(std::span(&record, 1), Wait::now);
  if (!last || !log.wait_durable(*last, std::chrono::seconds(30)))
    throw std::runtime_error("log: not durable");
  std::this_thread::sleep_for(std::chrono::seconds(2));
  const auto before = disk.counters();
  auto next = std::chrono::steady_clock::now();
  for (int i = 0; i < seconds * per_second; ++i) {
    next += std::chrono::milliseconds(1000 / per_second);
    std::this_thread::sleep_until(next);
    if (!log.append(std::span(&record, 1), Wait::grouped)) throw std::runtime_error("log: append failed");
  }
  std::this_thread::sleep_for(std::chrono::seconds(2));
  const auto after = disk.counters();
  const double payload_bytes = static_cast<double>(seconds) * per_second * record_bytes;
  std::printf("| 10 readings/s, committed once a second, 60 s | |\n|---|---:|\n");
  std::printf("| device bytes per payload byte | %.2f |\n",
              static_cast<double>(after.bytes - before.bytes) / payload_bytes);
  std::printf("| MB a day | %.0f |\n", static_cast<double>(after.bytes - before.bytes) * 1440 / 1e6);
}

}  // namespace weather::log::bench
