#include "gateway/app/progress_watch.hpp"

#include <gtest/gtest.h>

namespace weather::gateway {
namespace {

using std::chrono::seconds;

log::Status status(log::Sequence appended, log::Sequence durable, bool writable = true) {
  log::Status result;
  result.appended = appended;
  result.durable = durable;
  result.writable = writable;
  return result;
}

const ProgressWatch::TimePoint start{seconds(1000)};

TEST(ProgressWatch, an_idle_log_is_healthy_for_ever) {
  ProgressWatch watch(seconds(30));
  EXPECT_TRUE(watch.healthy(status(5, 5), start));
  EXPECT_TRUE(watch.healthy(status(5, 5), start + seconds(100'000)));
}

// Nothing was durable yet and something waits already: it waits since this
// look, not since the epoch.
TEST(ProgressWatch, a_first_look_is_no_alarm) {
  ProgressWatch watch(seconds(30));
  EXPECT_TRUE(watch.healthy(status(3, 0), start));
  EXPECT_TRUE(watch.healthy(status(3, 0), start + seconds(30)));
  EXPECT_FALSE(watch.healthy(status(3, 0), start + seconds(31)));
}

TEST(ProgressWatch, a_log_thread_that_stands_still_is_not) {
  ProgressWatch watch(seconds(30));
  EXPECT_TRUE(watch.healthy(status(5, 5), start));
  EXPECT_TRUE(watch.healthy(status(9, 5), start + seconds(20)));
  EXPECT_FALSE(watch.healthy(status(9, 5), start + seconds(40)));
  EXPECT_TRUE(watch.healthy(status(9, 6), start + seconds(41)));
}

TEST(ProgressWatch, a_broken_card_is_no_reason_to_be_killed) {
  ProgressWatch watch(seconds(30));
  EXPECT_TRUE(watch.healthy(status(9, 5, false), start));
  EXPECT_TRUE(watch.healthy(status(9, 5, false), start + seconds(1000)));
}

}  // namespace
}  // namespace weather::gateway
