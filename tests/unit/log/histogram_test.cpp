#include "bridge/log/histogram.hpp"

#include <gtest/gtest.h>

namespace weather::log {
namespace {

TEST(Histogram, counts_into_the_bucket_whose_edge_is_not_below_the_value) {
  Histogram times;
  times.add(0.0005);
  times.add(0.0006);
  times.add(2);
  EXPECT_EQ(times.at_most(0), 1U);
  EXPECT_EQ(times.at_most(1), 2U);
  EXPECT_EQ(times.at_most(10), 2U);  // one second
  EXPECT_EQ(times.at_most(11), 3U);
  EXPECT_EQ(times.total(), 3U);
  EXPECT_DOUBLE_EQ(times.sum_s(), 2.0011);
}

TEST(Histogram, what_is_beyond_the_last_edge_is_in_the_total_only) {
  Histogram times;
  times.add(1e7, 3);
  EXPECT_EQ(times.at_most(Histogram::edges.size() - 1), 0U);
  EXPECT_EQ(times.total(), 3U);
}

TEST(Histogram, adds_up) {
  Histogram times, others;
  times.add(0.001);
  others.add(0.001, 2);
  others.add(1e7);
  times.add(others);
  EXPECT_EQ(times.at_most(1), 3U);
  EXPECT_EQ(times.total(), 4U);
}

TEST(Histogram, a_clock_that_was_set_back_counts_as_no_time) {
  Histogram times;
  times.add(-5);
  EXPECT_EQ(times.at_most(0), 1U);
  EXPECT_EQ(times.sum_s(), 0);
}

}  // namespace
}  // namespace weather::log
