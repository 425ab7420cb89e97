// Every single call fails: once and for good, with each error. Nothing is acknowledged that is not on the
// disk, the log recovers by itself when the disk does, and what was acknowledged before stays.
#include <cstdio>

#include <gtest/gtest.h>

#include "bridge/log/manual.hpp"
#include "tests/crash/check.hpp"
#include "tests/crash/settings.hpp"

namespace weather::log::test {
namespace {

constexpr int steps = 25;

struct Ill {
  Given given;
  Options options;
  SimClock clock;
  SimFiles files;
  Workload workload;

  explicit Ill(std::uint64_t seed)
      : options(small_options(seed, "/data/log")),
        files(Disk(64U << 20), seed),
        workload(options, given, by_hand(), files, clock) {
    given.seed = seed;
    workload.allow_errors();
  }
};

std::uint64_t calls_of(std::uint64_t seed) {
  Ill healthy(seed);
  healthy.workload.open();
  for (int i = 0; i < steps; ++i) healthy.workload.step();
  healthy.workload.close();
  return healthy.files.calls();
}

std::string run(std::uint64_t seed, const Fault& fault) {
  Ill ill(seed);
  ill.files.fail(fault);
  bool open = false;
  try {
    ill.workload.open();
    open = true;
    for (int i = 0; i < steps; ++i) ill.workload.step();
  } catch (const std::exception&) {
    if (open) throw;  // only open may refuse an ill disk
  }
  ill.files.heal();
  if (!open) ill.workload.open();
  // Within a minute it tries again by itself.
  Log& log = ill.workload.log();
  for (int second = 0; second < 60; ++second) {
    ill.clock.advance(std::chrono::seconds(1));
    dynamic_cast<ManualLog&>(log).pump();
  }
  if (waits_for_room(log, ill.options)) {
    ill.workload.deliver_all();
    ill.clock.advance(std::chrono::minutes(1));
    dynamic_cast<ManualLog&>(log).pump();
  }
  if (!log.status().writable) return "still not writable: " + log.status().reason;
  if (const Found found = read_all(log); !found.wrong.empty()) return found.wrong;
  if (auto wrong = judge_new_record(log, ill.workload.promise().acknowledged, ill.options); !wrong.empty())
    return wrong;
  // The probe was appended to a log that goes on: it is not part of what judge_disk compares.
  Promise promise = ill.workload.promise();
  promise.acknowledged = std::min(promise.acknowledged, log.durable() - 1);
  Random random(derive(seed, fault.at_call));
  const Disk found = ill.files.disk().after_power_cut(static_cast<Cut>(random.below(cut_kinds)), random);
  return judge_disk(found, promise, ill.given, ill.options);
}

TEST(Fault, AtEveryCallOnceAndForGoodLosesNothingAcknowledged) {
  const auto seed = run_seed();
  const auto lives = run_size(2, 40);
  std::uint64_t runs = 0, hits = 0;
  int failures = 0;
  for (std::uint64_t life = seed; life < seed + lives; ++life) {
    const auto calls = calls_of(life);
    for (std::uint64_t call = 1; call <= calls && failures < 10; ++call) {
      for (std::uint64_t kind = 0; kind < fault_kinds * 2; ++kind) {
        const Fault fault{static_cast<FaultKind>(kind / 2), call, kind % 2 == 1};
        std::string wrong;
        try {
          wrong = run(life, fault);
        } catch (const std::exception& error) {
          wrong = error.what();
        }
        ++runs;
        failures += wrong.empty() ? 0 : 1;
        EXPECT_EQ(wrong, "") << "WEATHER_SEED=" << life << " WEATHER_SIZE=1: " << name_of(fault.kind)
                             << " at call " << call << (fault.sticky ? " and after" : "");
      }
    }
    hits += calls;
  }
  std::printf("seeds %llu to %llu: %llu runs, %llu calls\n", static_cast<unsigned long long>(seed),
              static_cast<unsigned long long>(seed + lives - 1), static_cast<unsigned long long>(runs),
              static_cast<unsigned long long>(hits));
}

// A failed sync leaves pages that the cache shows and the card has not, and calls them clean. What a process
// that is killed then leaves so is not taken for durable by the next one: a power cut would take it.
TEST(Fault, WhatAFailedSyncLeftInTheCacheIsNotShownAfterAKill) {
  std::uint64_t hidden = 0;
  for (std::uint64_t life = 0; life < run_size(200, 4000); ++life) {
    const auto seed = derive(run_seed(), life);
    Random random(seed);
    Options options = small_options(seed, "/data/log");
    options.on_full = OnFull::block;
    options.max_bytes = 4U << 20;
    SimClock clock;
    auto files = std::make_unique<SimFiles>(Disk(64U << 20), seed);
    auto log = open_manual(options, *files, clock);
    ASSERT_TRUE(log);
    const auto append = [&](ManualLog& to, std::uint64_t records) {
      const std::string payload(random.between(10, 9000), 'x');
      for (std::uint64_t i = 0; i < records; ++i) {
        const Record record{0, Type::reading, std::as_bytes(std::span(payload))};
        (void)to.append({&record, 1}, Wait::now);
        if (random.one_in(2)) to.pump();
      }
      to.pump();
    };
    append(**log, random.between(1, 8));
    files->fail({FaultKind::eio, files->calls() + random.between(1, 6), true});
    append(**log, random.between(1, 8));
    const auto acknowledged = (*log)->durable();
    auto killed = std::make_unique<SimFiles>(files->disk(), random.next());
    auto next = open_manual(options, *killed, clock);
    ASSERT_TRUE(next);
    const auto shown = (*next)->durable();
    EXPECT_GE(shown, acknowledged) << "seed " << seed;
    auto found = killed->disk().after_power_cut(static_cast<Cut>(random.below(cut_kinds)), random);
    SimFiles after(std::move(found), random.next());
    auto last = open_manual(options, after, clock);
    ASSERT_TRUE(last);
    EXPECT_GE((*last)->durable(), shown) << "seed " << seed;
    EXPECT_EQ((*last)->status().lost, 0U) << "seed " << seed;
    hidden += (*last)->durable() > acknowledged ? 1 : 0;
    if (testing::Test::HasFailure()) return;
  }
  std::printf("%llu lives in which more than was acknowledged had reached the card\n",
              static_cast<unsigned long long>(hidden));
}

}  // namespace
}  // namespace weather::log::test
