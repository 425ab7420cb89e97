// Random operations, compared with a plain map after each: append, wait, read anywhere, advance, reopen, lose
// power in the middle.
#include <cstdio>
#include <optional>

#include <gtest/gtest.h>

#include "bridge/log/manual.hpp"
#include "tests/crash/check.hpp"
#include "tests/crash/settings.hpp"

namespace weather::log::test {
namespace {

class Model {
 public:
  explicit Model(std::uint64_t seed) : random_(derive(seed, 3)), options_(small_options(seed, "/data/log")) {
    given_.seed = seed;
    start(Disk(random_.one_in(3) ? 1U << 20 : 64U << 20));
    workload_->open();
  }

  ~Model() { files_->watch({}); }
  Model(const Model&) = delete;
  Model& operator=(const Model&) = delete;
  std::string run() {
    const auto steps = random_.between(20, 80);
    for (std::uint64_t i = 0; i < steps; ++i) {
      std::string wrong;
      switch (random_.below(12)) {
        case 0:
          wrong = read_somewhere();
          break;
        case 1:
          wrong = random_.one_in(3) ? lose_power() : "";
          break;
        case 2:
          wrong = judge(workload_->log(), workload_->promise(), given_, options_);
          break;
        case 3:
          wrong = account();
          break;
        default:
          workload_->step();
          break;
      }
      if (!wrong.empty()) return "step " + std::to_string(i) + ": " + wrong;
    }
    return lose_power();
  }

 private:
  void start(Disk disk) {
    // A power cut is looked for at a random call: of all calls since the start each is as likely.
    files_ = std::make_unique<SimFiles>(std::move(disk), given_.seed);
    workload_ = std::make_unique<Workload>(options_, given_, by_hand(), *files_, clock_);
    files_->watch([this](const Disk& now) {
      if (random_.one_in(++calls_seen_)) cut_ = {now, workload_->promise()};
    });
    calls_seen_ = 0;
    cut_.reset();
  }

  // Entries from any sequence on are the ones the map has, and none is shown before it is durable.
  std::string read_somewhere() {
    Log& log = workload_->log();
    const auto status = log.status();
    const Sequence from = random_.between(status.first, status.appended + 1);
    const Found found = read_all(log, from);
    if (!found.wrong.empty()) return found.wrong;
    if (found.last > log.durable()) return "reader shows an undurable record";
    if (log.durable() >= from && found.last != log.durable()) return "reader stops early";
    for (const auto& [sequence, bytes] : found.records) {
      const auto number = given_.number(sequence);
      if (!number || bytes != payload_of(given_.seed, *number)) return "wrong bytes";
    }
    return {};
  }

  // accepted = delivered + dead-dead_lettered + dropped + waiting, to the record.
  std::string account() {
    Log& log = workload_->log();
    const auto cursor = log.open_cursor("kafka");
    if (!cursor) return "open_cursor: " + cursor.error().message();
    const Found waiting = read_all(log, cursor->next);
    std::uint64_t lost = 0;
    for (const auto& loss : waiting.losses) lost += loss.records;
    const auto refusals = waiting.last >= cursor->next ? waiting.last + 1 - cursor->next : 0;
    const std::uint64_t reported = cursor->delivered + cursor->dead_lettered + cursor->dropped;
    return reported + refusals == log.durable() && lost <= refusals ? "" : "the account does not balance";
  }

  std::string lose_power() {
    const Promise before = cut_ ? cut_->second : workload_->promise();
    const Disk at_cut = cut_ ? cut_->first : files_->disk();
    const auto cut = static_cast<Cut>(random_.below(cut_kinds));
    workload_->close();
    workload_.reset();
    start(at_cut.after_power_cut(cut, random_));
    workload_->resume_with(before);
    workload_->open();
    Log& log = workload_->log();
    if (auto wrong = judge(log, before, given_, options_); !wrong.empty()) return "power cut: " + wrong;
    const auto cursor = log.open_cursor("kafka");
    given_.groups.erase(given_.groups.upper_bound(log.durable()), given_.groups.end());
    workload_->resume_with({log.durable(), cursor->next - 1, cursor->next - 1});
    return {};
  }

  Random random_;
  Options options_;
  Given given_;
  SimClock clock_;
  // Before what calls the watcher, also when it ends.
  std::optional<std::pair<Disk, Promise>> cut_;
  std::uint64_t calls_seen_ = 0;
  std::unique_ptr<SimFiles> files_;
  std::unique_ptr<Workload> workload_;
};

TEST(Model, AgreesWithAPlainMapAfterEveryOperation) {
  const auto seed = run_seed();
  const auto sequences = run_size(2'000, 100'000);
  int failures = 0;
  for (std::uint64_t i = 0; i < sequences && failures < 10; ++i) {
    std::string wrong;
    try {
      wrong = Model(seed + i).run();
    } catch (const std::exception& error) {
      wrong = error.what();
    }
    failures += wrong.empty() ? 0 : 1;
    EXPECT_EQ(wrong, "") << "WEATHER_SEED=" << seed + i << " WEATHER_SIZE=1";
  }
  std::printf("seeds %llu to %llu: %llu sequences of operations\n", static_cast<unsigned long long>(seed),
              static_cast<unsigned long long>(seed + sequences - 1),
              static_cast<unsigned long long>(sequences));
}

}  // namespace
}  // namespace weather::log::test
