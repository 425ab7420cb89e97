#include "sensors/pulse/pulse_machine.hpp"

#include <algorithm>
#include <random>

#include <gmock/gmock.h>

namespace weather::sensors {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr std::int64_t second = 1'000'000'000;
constexpr std::int64_t begin = 5'000 * second;  // when the line is opened

PulseMachine machine_of(PulseKind kind, std::int64_t window) {
  PulseMachine machine({kind, window});
  machine.opened(begin, EdgeFilter());
  return machine;
}

TEST(PulseMachine, ATipIsToldAtOnceAndTheNextASecondLater) {
  auto machine = machine_of(PulseKind::rain, 60 * second);
  EXPECT_THAT(machine.take_reports(begin), IsEmpty());
  machine.take({begin + 1, false, 1});
  EXPECT_LE(machine.due_ns(), begin + 1);
  EXPECT_THAT(machine.take_reports(begin + 2), ElementsAre(PulseReport{begin + 1, 1}));
  machine.take({begin + 3, false, 2});
  machine.take({begin + 4, false, 3});
  EXPECT_THAT(machine.take_reports(begin + 5), IsEmpty());
  EXPECT_EQ(machine.due_ns(), begin + 2 + second);
  EXPECT_THAT(machine.take_reports(machine.due_ns()), ElementsAre(PulseReport{begin + 4, 3}));
  EXPECT_EQ(machine.due_ns(), begin + 60 * second);
}

TEST(PulseMachine, ADryGaugeSaysItsCountAtTheEndOfEachWindow) {
  auto machine = machine_of(PulseKind::rain, 60 * second);
  machine.counted_before(7);
  EXPECT_THAT(machine.take_reports(begin + 60 * second),
              ElementsAre(PulseReport{begin + 60 * second, 7, true}));
  EXPECT_THAT(machine.take_reports(begin + 61 * second), IsEmpty());
}

TEST(PulseMachine, PulsesAreToldByWindow) {
  auto machine = machine_of(PulseKind::count, 10 * second);
  for (std::uint32_t i = 1; i <= 5; ++i) machine.take({begin + i, false, i});
  EXPECT_THAT(machine.take_reports(begin + 9 * second), IsEmpty());
  EXPECT_EQ(machine.last_word(), (PulseReport{begin + 5, 5}));
  EXPECT_THAT(machine.take_reports(begin + 10 * second),
              ElementsAre(PulseReport{begin + 10 * second, 5, true}));
  EXPECT_EQ(machine.last_word(), std::nullopt);
}

TEST(PulseMachine, WindThatStopsIsACalmFromTheNextWindowOn) {
  auto machine = machine_of(PulseKind::wind, 6 * second);
  for (std::uint32_t i = 1; i <= 6; ++i) machine.take({begin + i * second / 2, false, i});
  const auto reports = machine.take_reports(begin + 18 * second);
  EXPECT_THAT(reports, ElementsAre(PulseReport{begin + 6 * second, 6, true, 6, 6},
                                   PulseReport{begin + 12 * second, 6, true, 0, 0},
                                   PulseReport{begin + 18 * second, 6, true, 0, 0}));
  EXPECT_EQ(machine.last_word(), std::nullopt);
}

TEST(PulseMachine, APulseAfterTheWindowIsOfTheNextAndALateOneOfTheOneThatRuns) {
  auto machine = machine_of(PulseKind::wind, 6 * second);
  machine.take({begin + 7 * second, false, 1});
  EXPECT_THAT(machine.take_reports(begin + 7 * second),
              ElementsAre(PulseReport{begin + 6 * second, 1, true, 0, 0}));
  machine.take({begin + 5 * second, false, 2});
  EXPECT_THAT(machine.take_reports(begin + 12 * second),
              ElementsAre(PulseReport{begin + 12 * second, 2, true, 2, 2}));
}

TEST(PulseMachine, ALineThatWasLostBeginsANewWindow) {
  auto machine = machine_of(PulseKind::wind, 6 * second);
  machine.take({begin + second, false, 1});
  machine.closed(begin + 2 * second);
  EXPECT_EQ(machine.due_ns(), PulseMachine::never);
  EXPECT_THAT(machine.take_reports(begin + 20 * second), IsEmpty());
  machine.opened(begin + 20 * second, EdgeFilter());
  machine.take({begin + 21 * second, false, 1});
  EXPECT_THAT(machine.take_reports(begin + 26 * second),
              ElementsAre(PulseReport{begin + 26 * second, 2, true, 1, 1}));
}

TEST(PulseMachine, ATipBeforeTheLineWasLostIsTold) {
  PulseMachine machine({PulseKind::rain, 60 * second});
  machine.opened(begin, EdgeFilter(CountedEdge::falling, 1000));
  machine.take({begin + 1, false, 1});
  machine.closed(begin + second);
  EXPECT_THAT(machine.take_reports(begin + second), ElementsAre(PulseReport{begin + 1, 1}));
}

TEST(PulseMachine, DroppedPulsesAreSpreadOverTheTimeTheyWereIn) {
  auto machine = machine_of(PulseKind::wind, 30 * second);
  machine.take({begin + second, false, 1});
  machine.take({begin + 21 * second, false, 41});  // two a second
  const auto reports = machine.take_reports(begin + 30 * second);
  ASSERT_EQ(reports.size(), 1U);
  EXPECT_EQ(reports.front().in_window, 41U);
  EXPECT_NEAR(static_cast<double>(reports.front().in_busiest), 6, 1);
  EXPECT_EQ(machine.counts().dropped, 39U);
}

TEST(PulseMachine, AnAbsurdNumberOfDroppedPulsesIsCountedWithoutATime) {
  auto machine = machine_of(PulseKind::wind, 30 * second);
  machine.take({begin + second, false, 1});
  machine.take({begin + 2 * second, false, 2'000'000'001});
  const auto reports = machine.take_reports(begin + 30 * second);
  EXPECT_EQ(reports.front().in_window, 2'000'000'001U);
}

// Gusts and lulls: a rate that changes at random, with pulses at random.
std::vector<std::int64_t> random_pulses(std::mt19937_64& random, std::int64_t length) {
  std::vector<std::int64_t> times;
  std::int64_t at = begin;
  while (true) {
    const auto slowest = random() % 20 == 0 ? 20 * second : second;
    at += 1 + static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(slowest));
    if (at >= begin + length) return times;
    times.push_back(at);
  }
}

std::uint64_t busiest_by_counting(const std::vector<std::int64_t>& times, std::int64_t from,
                                  std::int64_t to) {
  std::uint64_t most = 0;
  for (const auto at : times) {
    if (at < from || at >= to) continue;
    const auto end = std::min(to, at + gust_span_ns);
    most = std::max(most, static_cast<std::uint64_t>(std::ranges::count_if(
                              times, [&](auto time) { return time >= at && time < end; })));
  }
  return most;
}

TEST(PulseMachine, MeanAndGustAreWhatCountingFinds) {
  std::mt19937_64 random(5);
  for (int round = 0; round < 100; ++round) {
    const auto window = static_cast<std::int64_t>(3 + random() % 60) * second, length = 10 * window;
    const auto times = random_pulses(random, length);
    auto machine = machine_of(PulseKind::wind, window);
    std::vector<PulseReport> reports;
    std::uint32_t taken = 0;
    // Read at random moments, sometimes long after a window.
    for (std::int64_t now = begin; now < begin + length;) {
      now = std::min(begin + length,
                     now + static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(2 * window)));
      for (; taken < times.size() && times[taken] <= now; ++taken)
        machine.take({times[taken], false, taken + 1});
      for (const auto& report : machine.take_reports(now)) reports.push_back(report);
    }
    ASSERT_EQ(reports.size(), 10U);
    std::uint64_t sum = 0;
    for (std::size_t i = 0; i < reports.size(); ++i) {
      const auto from = begin + static_cast<std::int64_t>(i) * window, to = from + window;
      const auto inside = std::ranges::count_if(times, [&](auto time) { return time >= from && time < to; });
      ASSERT_EQ(reports[i].time_ns, to);
      ASSERT_EQ(reports[i].in_window, static_cast<std::uint64_t>(inside)) << "round " << round;
      ASSERT_EQ(reports[i].in_busiest, busiest_by_counting(times, from, to)) << "round " << round;
      sum += reports[i].in_window;
    }
    ASSERT_EQ(sum, times.size());
  }
}

// Lives that end at any moment; of what a life told, the end may not have become durable.
TEST(PulseMachine, TheCountOnlyGrowsAndLacksOnlyWhatALifeHadNotMadeDurable) {
  std::mt19937_64 random(6);
  for (int round = 0; round < 300; ++round) {
    const auto kind = round % 2 == 0 ? PulseKind::rain : PulseKind::count;
    std::uint64_t durable = 0;
    std::int64_t now = begin;
    for (int life = 0; life < 6; ++life) {
      PulseMachine machine({kind, 10 * second});
      machine.counted_before(durable);
      machine.opened(now, EdgeFilter());
      std::vector<PulseReport> reported;
      std::vector<std::int64_t> tips;
      const auto end = now + static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(60 * second));
      for (std::int64_t tip = now; now < end;) {
        now = std::min(end, std::max(now + 1, std::min(tip, machine.due_ns())));
        if (now >= tip) {
          tips.push_back(now);
          machine.take({now, false, static_cast<std::uint32_t>(tips.size())});
          tip = now + static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(4 * second));
        }
        for (const auto& report : machine.take_reports(now)) reported.push_back(report);
      }
      const bool stopped = random() % 3 == 0;
      if (stopped) {
        machine.closed(now);
        if (const auto last = machine.last_word()) reported.push_back(*last);
      }
      const auto old_ones = std::ranges::count_if(
          tips, [&](auto time) { return time <= now - (kind == PulseKind::rain ? second : 10 * second); });
      if (old_ones > 0) {
        ASSERT_FALSE(reported.empty());
        ASSERT_GE(reported.back().total, durable + static_cast<std::uint64_t>(old_ones)) << "round " << round;
      }
      std::uint64_t before = durable;
      const auto kept = stopped || reported.empty() ? reported.size() : reported.size() - random() % 2;
      for (std::size_t i = 0; i < kept; ++i) {
        ASSERT_GE(reported[i].total, before);
        before = reported[i].total;
      }
      if (stopped) {
        ASSERT_EQ(before, durable + tips.size()) << "round " << round << ", life " << life;
      }
      durable = before;
      now += static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(second));
    }
  }
}

}  // namespace
}  // namespace weather::sensors
