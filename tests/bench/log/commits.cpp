// Engines take turns of a fraction of a second on one disk: what else runs on the machine hits all alike.
#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <thread>

#include "tests/bench/log/engine.hpp"
#include "tests/bench/log/parts.hpp"
#include "tests/bench/log/private_disk.hpp"

namespace weather::log::bench {

namespace {

using Clock = std::chrono::steady_clock;

struct Contender {
  std::unique_ptr<Engine> engine;
  std::vector<double> seconds;  // of each commit
  double took = 0;
  std::uint64_t bytes = 0, flushes = 0;

  double per_s() const { return static_cast<double>(seconds.size()) / took; }
};

// `clients` threads commit one record each until all together made `commits`.
void turn(Contender& contender, int clients, std::uint64_t commits, PrivateDisk& disk) {
  const auto before = disk.counters();
  std::vector<std::vector<double>> seconds(static_cast<std::size_t>(clients));
  std::vector<std::thread> threads;
  const auto start = Clock::now();
  const auto work = [&](std::vector<double>& own) {
    for (std::uint64_t i = 0; i < commits / static_cast<std::uint64_t>(clients); ++i) {
      const auto begin = Clock::now();
      contender.engine->commit(1);
      own.push_back(std::chrono::duration<double>(Clock::now() - begin).count());
    }
  };
  for (std::size_t i = 1; i < seconds.size(); ++i) threads.emplace_back(work, std::ref(seconds[i]));
  work(seconds[0]);
  for (auto& thread : threads) thread.join();
  contender.took += std::chrono::duration<double>(Clock::now() - start).count();
  for (const auto& own : seconds) contender.seconds.insert(contender.seconds.end(), own.begin(), own.end());
  const auto after = disk.counters();
  contender.bytes += after.bytes - before.bytes;
  contender.flushes += after.flushes - before.flushes;
}

void print(const std::vector<Contender>& contenders, int clients) {
  const auto best = std::max({contenders[2].per_s(), contenders[3].per_s(), contenders[4].per_s()});
  for (const auto& contender : contenders) {
    auto sorted = contender.seconds;
    std::ranges::sort(sorted);
    const auto n = static_cast<double>(sorted.size());
    std::printf("| %s | %d | %.0f | %.2f | %.2f | %.1f | %.2f | %.2f |\n", contender.engine->name().c_str(),
                clients, contender.per_s(), sorted[sorted.size() / 2] * 1e3,
                sorted[sorted.size() * 99 / 100] * 1e3, static_cast<double>(contender.bytes) / n / 1024,
                static_cast<double>(contender.flushes) / n, contender.per_s() / best);
  }
  std::fflush(stdout);
}

constexpr std::array<Maker, 5> makers{bare_engine, own_engine, sqlite_engine, rocksdb_engine, lmdb_engine};

// With as many commits before measuring that files have been written once and are used again: three segments
// of ours, and SQLite's write-ahead log, which begins again after 1,000 pages.
std::vector<Contender> warmed_up(const PrivateDisk& disk) {
  constexpr std::array<int, makers.size()> commits{0, 6500, 2500, 1000, 1000};
  std::vector<Contender> contenders(makers.size());
  for (std::size_t i = 0; i < makers.size(); ++i) {
    contenders[i].engine = makers[i](disk.path());
    for (int n = 0; n < commits[i]; ++n) contenders[i].engine->commit(1);
  }
  return contenders;
}

void compare(std::vector<Contender>& contenders, PrivateDisk& disk, std::uint64_t commits, int turns) {
  std::printf(
      "| engine | clients | commits/s | p50 ms | p99 ms | KiB a commit | flushes a commit | of the best "
      "other "
      "|\n"
      "|---|---:|---:|---:|---:|---:|---:|---:|\n");
  std::fflush(stdout);
  for (const int clients : {1, 8}) {
    for (auto& contender : contenders) contender = Contender{std::move(contender.engine), {}, 0, 0, 0};
    for (int i = 0; i < turns; ++i) {
      for (std::size_t k = 0; k < contenders.size(); ++k) {
        auto& next = contenders[(k + static_cast<std::size_t>(i)) % contenders.size()];
        turn(next, clients, commits, disk);
      }
    }
    print(contenders, clients);
  }
}

}  // namespace

void compare_commits(const std::filesystem::path& folder) {
  PrivateDisk disk(folder, 512U << 20);
  auto contenders = warmed_up(disk);
  compare(contenders, disk, 240, 12);
}

// The figures of the card: 1.5 ms for 4 KiB and 5 ms for a flush.
void compare_commits_on_a_card(const std::filesystem::path&) {
  PrivateDisk disk(192U << 20);
  auto contenders = warmed_up(disk);
  disk.slow_down(std::chrono::microseconds(1500), std::chrono::microseconds(5000));
  compare(contenders, disk, 80, 4);
}

}  // namespace weather::log::bench
