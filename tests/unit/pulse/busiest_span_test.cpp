#include "sensors/pulse/busiest_span.hpp"

#include <algorithm>
#include <random>

#include <gtest/gtest.h>

namespace weather::sensors {
namespace {

constexpr std::int64_t span_s = 1'000'000'000;

// A span that holds the most begins at a pulse, or just ends behind one: all of both kinds are counted out.
std::uint64_t most_by_counting(const std::vector<std::int64_t>& times, std::int64_t span) {
  std::uint64_t most = 0;
  for (const auto at : times)
    for (const auto begin : {at, at - span + 1}) {
      const auto inside = std::ranges::count_if(
          times, [&](std::int64_t time) { return time >= begin && time < begin + span; });
      most = std::max(most, static_cast<std::uint64_t>(inside));
    }
  return most;
}

TEST(BusiestSpan, ItsEndDoesNotBelongToIt) {
  BusiestSpan span(3 * span_s);
  EXPECT_EQ(span.most(), 0U);
  for (std::int64_t at = 0; at < 60; ++at) span.add(at * span_s);
  EXPECT_EQ(span.most(), 3U);
  span.add(30 * span_s + 1);
  EXPECT_EQ(span.most(), 4U);
  span.clear();
  EXPECT_EQ(span.most(), 0U);
}

TEST(BusiestSpan, IsTheMostThatCountingFindsInAnyOrder) {
  std::mt19937_64 random(1);
  for (int round = 0; round < 300; ++round) {
    std::vector<std::int64_t> times(random() % 120);
    for (auto& time : times) time = static_cast<std::int64_t>(random() % (60 * span_s));
    BusiestSpan span(3 * span_s);
    for (const auto time : times) span.add(time);
    ASSERT_EQ(span.most(), most_by_counting(times, 3 * span_s)) << "round " << round;
  }
}

TEST(BusiestSpan, OfManyPulsesNoMoreAreKeptThanItTakes) {
  std::mt19937_64 random(2);
  std::vector<std::int64_t> times;
  std::int64_t at = 0;
  BusiestSpan span(3 * span_s);
  for (int i = 0; i < 60'000; ++i) {  // 100 a span_s, with a gust in the middle
    at += static_cast<std::int64_t>(random() % (i > 20'000 && i < 21'000 ? span_s / 200 : span_s / 50));
    // A little out of order.
    times.push_back(std::max<std::int64_t>(0, at - static_cast<std::int64_t>(random() % (span_s / 10))));
    span.add(times.back());
  }
  std::ranges::sort(times);
  std::uint64_t most = 0;
  for (auto begin = times.begin(); begin != times.end(); ++begin)
    most = std::max(
        most, static_cast<std::uint64_t>(std::lower_bound(begin, times.end(), *begin + 3 * span_s) - begin));
  EXPECT_EQ(span.most(), most);
}

}  // namespace
}  // namespace weather::sensors
