#include "sensors/budget/memory_budget.hpp"

#include <map>
#include <random>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace weather::sensors {
namespace {

std::vector<Holder> all_holders() {
  std::vector<Holder> all;
  for (std::size_t i = 0; i < holder_count; ++i) all.push_back(static_cast<Holder>(i));
  return all;
}

// Whatever is asked for and given back, in any order: never beyond the limit, and a "no" takes nothing.
TEST(MemoryBudget, AnySequenceStaysWithinTheLimitAndLeaksNothing) {
  for (unsigned seed = 0; seed < 300; ++seed) {
    std::mt19937 random(seed);
    const std::size_t limit = 1 + random() % 100'000, program = random() % 2 == 0 ? 0 : limit / 3;
    MemoryBudget budget(limit, program);
    std::map<Holder, std::vector<Reservation>> held;
    std::map<Holder, std::uint64_t> refused;
    std::size_t expected = 0;
    for (int step = 0; step < 400; ++step) {
      const auto holder = static_cast<Holder>(random() % holder_count);
      auto& mine = held[holder];
      if (mine.empty() || random() % 3 == 0) mine.emplace_back(&budget, holder);
      auto& one = mine[random() % mine.size()];
      const auto before = one.bytes();
      const auto wanted = random() % (random() % 5 == 0 ? limit * 2 : limit / 8 + 1);
      const bool fits = wanted <= before || expected - before + wanted <= budget.ceiling(holder);
      const bool granted = one.resize(wanted);
      EXPECT_EQ(granted, fits) << "seed " << seed;
      if (!granted) ++refused[holder];
      EXPECT_EQ(one.bytes(), granted ? wanted : before);
      expected = expected - before + one.bytes();
      if (random() % 7 == 0) {
        auto moved = std::move(one);
        expected -= moved.bytes();
      }
      ASSERT_EQ(budget.used(), expected) << "seed " << seed;
      ASSERT_LE(budget.used() + budget.program(), limit) << "seed " << seed;
    }
    for (const auto holder : all_holders()) {
      std::size_t mine = 0;
      for (const auto& one : held[holder]) mine += one.bytes();
      EXPECT_EQ(budget.use(holder).used, mine);
      EXPECT_LE(mine, budget.use(holder).most);
      EXPECT_EQ(budget.use(holder).refused, refused[holder]);
    }
    held.clear();
    ASSERT_EQ(budget.used(), 0U) << "seed " << seed;
  }
}

// At every fill level: if a rank is refused, so is every lower one.
TEST(MemoryBudget, LowerRanksAreRefusedFirst) {
  for (const std::size_t limit : {1'000U, 123'457U, 100'663'296U})
    for (std::size_t fill = 0; fill <= 100; ++fill)
      for (const std::size_t bytes : {std::size_t{1}, limit / 50, limit / 3}) {
        bool granted_before = false;
        for (const auto holder : all_holders()) {
          MemoryBudget budget(limit);
          ASSERT_TRUE(budget.take(Holder::kafka_window, limit / 100 * fill));
          const bool granted = budget.take(holder, bytes);
          EXPECT_TRUE(granted || !granted_before) << to_string(holder) << " at " << fill << " %";
          granted_before = granted;
        }
      }
}

TEST(MemoryBudget, EveryRankHasSomethingLeftByTheOneBelow) {
  MemoryBudget budget(100'000);
  for (const auto holder : all_holders()) {
    while (budget.take(holder, 100)) {
    }
    EXPECT_LE(budget.used(), budget.ceiling(holder));
    if (holder == Holder::kafka_window) break;
    EXPECT_TRUE(budget.take(Holder::kafka_window, 100)) << to_string(holder) << " left nothing";
  }
  EXPECT_GE(budget.used(), 99'900U);
}

TEST(MemoryBudget, ALowRankIsAskedToGiveWayWhenHigherOnesFilledIt) {
  MemoryBudget budget(1'000);
  ASSERT_TRUE(budget.take(Holder::page_viewers, 500));
  EXPECT_FALSE(budget.must_give_way(Holder::page_viewers));
  ASSERT_TRUE(budget.take(Holder::receive_buffers, 300));
  EXPECT_TRUE(budget.must_give_way(Holder::page_viewers));
  EXPECT_FALSE(budget.must_give_way(Holder::receive_buffers));
}

TEST(MemoryBudget, WhatTheProgramNeedsIsNotShared) {
  MemoryBudget budget(1'000, 400);
  EXPECT_FALSE(budget.take(Holder::kafka_window, 601));
  EXPECT_TRUE(budget.take(Holder::kafka_window, 600));
  EXPECT_EQ(budget.limit(), 1'000U);
}

TEST(MemoryBudget, SumsBeyondTheSizeTypeAreRefused) {
  MemoryBudget budget(1'000);
  ASSERT_TRUE(budget.take(Holder::kafka_window, 10));
  EXPECT_FALSE(budget.take(Holder::kafka_window, static_cast<std::size_t>(-5)));
  EXPECT_EQ(budget.used(), 10U);
}

TEST(MemoryBudget, ThreadsTogetherStayWithinTheLimit) {
  MemoryBudget budget(10'000);
  std::atomic<bool> beyond{false};
  std::vector<std::thread> threads;
  for (std::size_t t = 0; t < 4; ++t)
    threads.emplace_back([&, t] {
      std::mt19937 random(static_cast<unsigned>(t));
      Reservation mine(&budget, static_cast<Holder>(t * 3));
      for (int i = 0; i < 20'000; ++i) {
        if (!mine.resize(random() % 6'000)) mine.release();
        if (budget.used() > 10'000) beyond = true;
      }
    });
  for (auto& thread : threads) thread.join();
  EXPECT_FALSE(beyond);
  EXPECT_EQ(budget.used(), 0U);
}

TEST(MemoryBudget, NamesAreDistinctAndOfTheMetricsAlphabet) {
  std::map<std::string_view, int> seen;
  for (const auto holder : all_holders()) {
    const auto name = to_string(holder);
    EXPECT_EQ(seen[name]++, 0);
    EXPECT_EQ(name.find_first_not_of("abcdefghijklmnopqrstuvwxyz_"), std::string_view::npos);
  }
}

}  // namespace
}  // namespace weather::sensors
