#include <array>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <stdexcept>
#include <thread>

#include <fcntl.h>
#include <unistd.h>

#include "bridge/log/clock.hpp"
#include "bridge/log/files.hpp"
#include "bridge/log/log.hpp"
#include "tests/bench/log/engine.hpp"
#include "tests/bench/log/parts.hpp"
#include "tests/bench/log/private_disk.hpp"

namespace weather::log::bench {

namespace {

constexpr std::uint64_t disk_bytes = 1U << 30;
using Seconds = std::chrono::duration<double>;

double since(std::chrono::steady_clock::time_point start) {
  return Seconds(std::chrono::steady_clock::now() - start).count();
}

struct Measured {
  double amplification = 0, flushes_per_commit = 0, commits_per_s = 0;
};

// Three segments' worth of commits first, so that recycling, checkpoints and compaction are in the figure.
Measured measure(Maker make, const std::filesystem::path& folder, std::uint64_t group) {
  const std::uint64_t bytes_per_commit = (group * 200 + 4095) / 4096 * 4096;
  const std::uint64_t warm_up = (26U << 20) / bytes_per_commit, commits = (40U << 20) / bytes_per_commit;
  PrivateDisk disk(folder, disk_bytes);
  const auto engine = make(disk.path());
  for (std::uint64_t i = 0; i < warm_up; ++i) engine->commit(group);
  const auto before = disk.counters();
  const auto start = std::chrono::steady_clock::now();
  for (std::uint64_t i = 0; i < commits; ++i) engine->commit(group);
  const double took = since(start);
  const auto after = disk.counters();
  const auto n = static_cast<double>(commits);
  return {static_cast<double>(after.bytes - before.bytes) / (n * static_cast<double>(group * record_bytes)),
          static_cast<double>(after.flushes - before.flushes) / n, n / took};
}

// Overwrites groups of this size in a file whose blocks exist: what the disk gives at best.
double bare_groups_per_s(const std::filesystem::path& folder, std::size_t group_bytes, double seconds) {
  PrivateDisk disk(folder, disk_bytes / 4);
  const int file = open((disk.path() / "bare").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  const std::size_t size = 64U << 20;
  const std::vector<char> zeros(1U << 20);
  for (std::size_t done = 0; done < size; done += zeros.size()) {
    if (write(file, zeros.data(), zeros.size()) < 0) throw std::runtime_error("bare: no space");
  }
  fsync(file);
  const std::size_t aligned = (group_bytes + 4095) / 4096 * 4096;
  const std::vector<char> block(aligned, 'x');
  std::uint64_t commits = 0;
  const auto start = std::chrono::steady_clock::now();
  for (std::size_t at = 0; since(start) < seconds; ++commits, at = (at + aligned) % (size - aligned)) {
    if (pwrite(file, block.data(), aligned, static_cast<off_t>(at / 4096 * 4096)) < 0 ||
        fdatasync(file) != 0) {
      throw std::runtime_error("bare: write failed");
    }
  }
  const double took = since(start);
  close(file);
  return static_cast<double>(commits) / took;
}

}  // namespace

void compare_engines(const std::filesystem::path& folder) {
  constexpr std::array<Maker, 4> makers{own_engine, sqlite_engine, rocksdb_engine, lmdb_engine};
  std::printf(
      "| engine | records a commit | device bytes per payload byte | flushes a commit | commits/s |\n");
  std::printf("|---|---:|---:|---:|---:|\n");
  for (const std::uint64_t group : {1U, 10U, 32U, 512U}) {
    for (const auto make : makers) {
      const auto name = [&] {
        const auto scratch = test::fresh_folder("weather-bench-name");
        auto text = make(scratch)->name();
        std::filesystem::remove_all(scratch);
        return text;
      }();
      const auto measured = measure(make, folder, group);
      std::printf("| %s | %llu | %.2f | %.2f | %.0f |\n", name.c_str(),
                  static_cast<unsigned long long>(group), measured.amplification, measured.flushes_per_commit,
                  measured.commits_per_s);
      std::fflush(stdout);
    }
  }
}

void compare_waiters(const std::filesystem::path& folder) {
  constexpr int waiters = 64;
  constexpr double seconds = 5;
  std::uint64_t records = 0, commits = 0;
  double took = 0;
  {
    PrivateDisk disk(folder, disk_bytes);
    Options options;
    options.dir = disk.path() / "log";
    options.max_bytes = 256U << 20;
    auto opened = Log::open(options, posix_files(), system_clock());
    if (!opened) throw std::runtime_error("log: " + opened.error().message());
    Log& log = **opened;
    std::atomic<bool> stop = false;
    std::atomic<std::uint64_t> failures = 0;
    const auto bytes = payload(1);
    std::vector<std::thread> threads;
    const auto before = log.status();
    const auto start = std::chrono::steady_clock::now();
    for (int i = 0; i < waiters; ++i) {
      threads.emplace_back([&] {
        const Record record{0, Type::reading, bytes};
        while (!stop) {
          const auto last = log.append(std::span(&record, 1), Wait::now);
          if (!last || !log.wait_durable(*last, std::chrono::seconds(30))) ++failures;
        }
      });
    }
    std::this_thread::sleep_for(Seconds(seconds));
    stop = true;
    for (auto& thread : threads) thread.join();
    took = since(start);
    const auto after = log.status();
    records = after.durable - before.durable;
    commits = after.commits - before.commits;
    if (failures != 0) throw std::runtime_error("log: append failed");
  }
  const double group = static_cast<double>(records) / static_cast<double>(commits);
  const double ours = static_cast<double>(records) / took;
  const double bare =
      bare_groups_per_s(folder, static_cast<std::size_t>(group * (record_bytes + 8) + 64), seconds);
  std::printf("| 64 waiters | records/s | commits/s | records a commit |\n|---|---:|---:|---:|\n");
  std::printf("| weather log | %.0f | %.0f | %.1f |\n", ours, static_cast<double>(commits) / took, group);
  std::printf("| bare pwrite + fdatasync | %.0f | %.0f | %.1f |\n", bare * group, bare, group);
  std::printf("| share of bare | %.2f | | |\n", ours / (bare * group));
}

void measure_daily_life(const std::filesystem::path& folder) {
  constexpr int seconds = 60, per_second = 10;
  PrivateDisk disk(folder, disk_bytes / 4);
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
