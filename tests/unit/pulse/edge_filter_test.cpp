#include "sensors/pulse/edge_filter.hpp"

#include <algorithm>
#include <random>

#include <gmock/gmock.h>

namespace weather::sensors {

void PrintTo(const Pulses& pulses, std::ostream* out) {
  *out << pulses.count << " from " << pulses.from_ns << " to " << pulses.to_ns;
}

namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr std::int64_t ms = 1'000'000;

Pulses one(std::int64_t at) {
  return {at, at, 1};
}

std::uint64_t sum(const std::vector<Pulses>& pulses) {
  std::uint64_t count = 0;
  for (const auto& some : pulses) count += some.count;
  return count;
}

TEST(EdgeFilter, WithoutDebouncingEachEdgeIsAPulse) {
  EdgeFilter filter;
  std::vector<Pulses> pulses;
  filter.take({10, false, 1}, pulses);
  filter.take({11, false, 2}, pulses);
  EXPECT_THAT(pulses, ElementsAre(one(10), one(11)));
  EXPECT_EQ(filter.settles_at(), std::nullopt);
}

TEST(EdgeFilter, AGapInTheNumbersIsAsManyPulses) {
  EdgeFilter filter;
  std::vector<Pulses> pulses;
  filter.take({1000, false, 4}, pulses);  // three before the first that was read
  filter.take({2000, false, 5}, pulses);
  filter.take({9000, false, 105}, pulses);
  EXPECT_THAT(pulses,
              ElementsAre(Pulses{1000, 1000, 3}, one(1000), one(2000), Pulses{2000, 9000, 99}, one(9000)));
  EXPECT_EQ(filter.counts().dropped, 102U);
}

TEST(EdgeFilter, NumbersBeginAgainAfterTheLast) {
  EdgeFilter filter;
  std::vector<Pulses> pulses;
  filter.take({1, false, 0x7FFFFFFF}, pulses);
  filter.take({2, false, 0xFFFFFFFE}, pulses);
  pulses.clear();
  filter.take({3, false, 2}, pulses);
  EXPECT_EQ(sum(pulses), 4U);  // 0xFFFFFFFF, 0, 1 and 2
}

TEST(EdgeFilter, WhateverTheOrderTheSumIsTheLastNumber) {
  std::mt19937 random(3);
  for (int round = 0; round < 500; ++round) {
    const auto edges = 1 + static_cast<std::uint32_t>(random() % 50);
    std::vector<LineEdge> line;
    for (std::uint32_t number = 1; number <= edges; ++number)
      if (random() % 4 != 0 || number == edges)  // the kernel drops some
        line.push_back({static_cast<std::int64_t>(number * 1000 + random() % 5000), false, number});
    if (round % 2 == 1) std::shuffle(line.begin(), line.end(), random);
    if (round % 3 == 0 && !line.empty()) line.push_back(line.front());  // and one again
    EdgeFilter filter;
    std::vector<Pulses> pulses;
    for (const auto& edge : line) filter.take(edge, pulses);
    ASSERT_EQ(sum(pulses), edges) << "round " << round;
  }
}

// Presses and releases with bounces around both, as a reed contact makes them.
struct Contact {
  std::mt19937 random{4};
  std::uint32_t number = 0;
  std::int64_t now = 0;
  std::vector<LineEdge> edges;

  void change(bool rising, int bounces) {
    for (int i = 0; i < bounces; ++i) {
      edge(i % 2 == 0 ? rising : !rising);
      now += 1 + static_cast<std::int64_t>(random() % static_cast<unsigned>(ms));
    }
    edge(rising);
  }
  void edge(bool rising) { edges.push_back({now, rising, ++number}); }
};

TEST(EdgeFilter, ABouncingContactIsOnePulse) {
  Contact contact;
  EdgeFilter filter(CountedEdge::falling, 5 * ms);
  std::vector<Pulses> pulses;
  constexpr int presses = 200;
  for (int i = 0; i < presses; ++i) {
    contact.change(false, 2 * static_cast<int>(contact.random() % 6));
    contact.now += 5 * ms + static_cast<std::int64_t>(contact.random() % (100 * ms));
    contact.change(true, 2 * static_cast<int>(contact.random() % 6));
    contact.now += 5 * ms + static_cast<std::int64_t>(contact.random() % (100 * ms));
  }
  for (const auto& edge : contact.edges) filter.take(edge, pulses);
  filter.settle(contact.now + 5 * ms, pulses);
  EXPECT_EQ(sum(pulses), static_cast<std::uint64_t>(presses));
  EXPECT_EQ(filter.counts().bounced + 2 * presses, contact.edges.size());
}

TEST(EdgeFilter, AReleaseThatBouncesIsNoPulse) {
  EdgeFilter filter(CountedEdge::falling, 5 * ms);
  std::vector<Pulses> pulses;
  filter.take({0, false, 1}, pulses);
  EXPECT_THAT(pulses, IsEmpty());
  EXPECT_EQ(filter.settles_at(), 5 * ms);
  filter.settle(4 * ms, pulses);
  EXPECT_THAT(pulses, IsEmpty());
  filter.settle(5 * ms, pulses);
  EXPECT_THAT(pulses, ElementsAre(one(0)));
  for (std::uint32_t i = 0; i < 5; ++i) filter.take({100 * ms + i * ms / 2, i % 2 == 0, 2 + i}, pulses);
  filter.settle(200 * ms, pulses);
  EXPECT_THAT(pulses, ElementsAre(one(0)));
}

TEST(EdgeFilter, OfBothEdgesEachChangeCounts) {
  EdgeFilter filter(CountedEdge::both, 5 * ms);
  std::vector<Pulses> pulses;
  filter.take({0, false, 1}, pulses);
  filter.take({10 * ms, true, 2}, pulses);
  filter.take({20 * ms, false, 3}, pulses);
  filter.settle(30 * ms, pulses);
  EXPECT_THAT(pulses, ElementsAre(one(0), one(10 * ms), one(20 * ms)));
}

TEST(EdgeFilter, OfDroppedEdgesNoMoreArePulsesThanTheDebouncingHasRoomFor) {
  std::vector<Pulses> pulses;
  EdgeFilter filter(CountedEdge::falling, 5 * ms);
  filter.take({0, false, 1}, pulses);
  filter.take({1000 * ms, false, 12}, pulses);  // ten dropped: five presses
  EXPECT_THAT(pulses, ElementsAre(one(0), Pulses{0, 1000 * ms, 5}));
  pulses.clear();
  filter.take({1020 * ms, false, 113}, pulses);  // a hundred in 20 ms: they bounced
  EXPECT_EQ(sum(pulses), 2U);
}

}  // namespace
}  // namespace weather::sensors
