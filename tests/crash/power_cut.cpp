#include "tests/crash/power_cut.hpp"

#include <optional>

#include "tests/crash/check.hpp"

namespace weather::log::test {

namespace {
constexpr int steps_per_life = 60;
constexpr std::size_t enough_failures = 10;
}  // namespace

Life live(std::uint64_t seed, const Mistakes& mistakes) {
  Life life;
  life.given.seed = seed;
  life.options = small_options(seed, "/data/log");
  // Frames written without a sync in between: any of them may be on the disk without those before it, their
  // sequences are given out again, and what is left of them lies in a file that is used again.
  if (Random(derive(seed, 3)).one_in(3)) life.options.durability = Durability::interval;
  SimFiles files(Disk(64U << 20), seed);
  SimClock clock;
  Workload workload(life.options, life.given, by_hand(), files, clock);
  files.make(mistakes);
  files.watch([&](const Disk& disk) { life.moments.push_back({disk, workload.promise()}); });
  workload.open();
  for (int i = 0; i < steps_per_life; ++i) workload.step();
  workload.close();
  life.moments.push_back({files.disk(), workload.promise()});
  return life;
}

CutReport cut_power(std::uint64_t seed, std::uint64_t cuts, const Mistakes& mistakes) {
  CutReport report;
  for (; report.cuts + report.cuts_in_recovery < cuts; ++report.lives) {
    const std::uint64_t life_seed = seed + report.lives;
    const Life life = live(life_seed, mistakes);
    for (std::size_t call = 0; call < life.moments.size(); ++call) {
      const auto& moment = life.moments[call];
      Random random(derive(life_seed, call));
      const auto cut = static_cast<Cut>(random.below(cut_kinds));
      // Of the moments of recovery one is kept, each with the same chance.
      std::optional<Disk> second;
      std::uint64_t seen = 0;
      const auto sample = [&](const Disk& disk) {
        if (random.one_in(++seen)) second = disk;
      };
      // A kill -9 leaves what is cached, names too, for recovery to build on before the power goes.
      const bool killed = random.one_in(3);
      const Disk found = killed ? moment.disk : moment.disk.after_power_cut(cut, random);
      std::string wrong = judge_disk(found, moment.promise, life.given, life.options, sample);
      ++report.cuts;
      if (wrong.empty() && second) {
        const auto again = second->after_power_cut(static_cast<Cut>(random.below(cut_kinds)), random);
        wrong = judge_disk(again, moment.promise, life.given, life.options);
        if (!wrong.empty()) wrong += " (second cut, in recovery)";
        ++report.cuts_in_recovery;
      }
      if (wrong.empty()) continue;
      report.failures.push_back("WEATHER_SEED=" + std::to_string(life_seed) + " call " +
                                std::to_string(call) + " of " + std::to_string(life.moments.size()) +
                                (killed ? " kill" : " cut " + std::to_string(static_cast<int>(cut))) + ": " +
                                wrong);
      if (report.failures.size() >= enough_failures) return report;
    }
  }
  return report;
}

}  // namespace weather::log::test
