#include "gateway/ingest/durable_times.hpp"

#include <gtest/gtest.h>

namespace weather::gateway {
namespace {

constexpr std::int64_t a_second = 1'000'000'000;

TEST(DurableTimes, counts_a_message_once_its_last_record_is_durable) {
  DurableTimes times;
  times.appended(3, 10 * a_second);
  times.appended(5, 11 * a_second);
  times.durable_at(4, 12 * a_second);
  EXPECT_EQ(times.histogram().total(), 1U);
  EXPECT_DOUBLE_EQ(times.histogram().sum_s(), 2);
  times.durable_at(5, 12 * a_second);
  EXPECT_EQ(times.histogram().total(), 2U);
  EXPECT_DOUBLE_EQ(times.histogram().sum_s(), 3);
}

TEST(DurableTimes, a_commit_that_was_quicker_than_the_note_of_it_counts_at_once) {
  DurableTimes times;
  times.durable_at(7, a_second);
  times.appended(7, a_second);
  EXPECT_EQ(times.histogram().total(), 1U);
}

}  // namespace
}  // namespace weather::gateway
