#include "gateway/status/steady_rate.hpp"

#include <random>
#include <set>

#include <gtest/gtest.h>

namespace weather::gateway {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

const SteadyRate::Time begin{seconds(1000)};

TEST(SteadyRate, is_one_number_for_whatever_comes_in_bursts) {
  for (const int period : {1, 2, 3, 5, 10, 15, 20, 30, 60}) {
    SteadyRate rate(begin);
    std::set<double> shown;
    for (int at_s = 1; at_s <= 600; ++at_s) {
      const auto now = begin + seconds(at_s);
      rate.add(at_s % period == 0 ? 300 : 0, now);
      const double value = rate.per_second(now);
      if (at_s > 180) shown.insert(value);
    }
    ASSERT_EQ(shown.size(), 1U) << period;
    EXPECT_NEAR(*shown.begin(), 300.0 / period, 0.03 * 300 / period) << period;
  }
}

// Bursts that come up to a second early or late, looked at now and then: within a twentieth of the truth.
TEST(SteadyRate, stays_near_the_truth_with_unsteady_bursts_and_looks) {
  std::mt19937 random(20);
  for (int trial = 0; trial < 50; ++trial) {
    const int period = std::uniform_int_distribution(1, 30)(random);
    SteadyRate rate(begin);
    auto now = begin;
    auto burst = begin;
    for (int look = 0; look < 400; ++look) {
      now += milliseconds(std::uniform_int_distribution(200, 1800)(random));
      std::uint64_t count = 0;
      for (; burst <= now; burst += seconds(period)) count += 300;
      rate.add(count, now);
      const double value = rate.per_second(now);
      if (now - begin > seconds(150)) {
        EXPECT_NEAR(value, 300.0 / period, 0.12 * 300 / period) << period;
      }
    }
  }
}

TEST(SteadyRate, is_zero_soon_after_the_end_and_not_before) {
  SteadyRate rate(begin);
  for (int at_s = 1; at_s <= 300; ++at_s) rate.add(at_s % 10 == 0 ? 300 : 0, begin + seconds(at_s));
  const auto at = [&](int at_s) {
    rate.add(0, begin + seconds(at_s));
    return rate.per_second(begin + seconds(at_s));
  };
  EXPECT_GT(at(329), 10);
  EXPECT_EQ(at(331), 0);
}

TEST(SteadyRate, spreads_what_came_while_nobody_looked) {
  SteadyRate rate(begin);
  rate.add(0, begin);
  rate.add(36'000, begin + seconds(3600));
  EXPECT_NEAR(rate.per_second(begin + seconds(3600)), 10, 0.01);
  rate.add(0, begin + std::chrono::hours(3));
  EXPECT_EQ(rate.per_second(begin + std::chrono::hours(3)), 0);
}

TEST(SteadyRate, knows_nothing_at_first_and_is_about_right_after_a_few_seconds) {
  SteadyRate rate(begin);
  EXPECT_EQ(rate.per_second(begin), 0);
  for (int at_s = 1; at_s <= 5; ++at_s) rate.add(20, begin + seconds(at_s));
  EXPECT_NEAR(rate.per_second(begin + seconds(5)), 20, 1);
}

}  // namespace
}  // namespace weather::gateway
