#include "bridge/log/commit_schedule.hpp"

#include <gtest/gtest.h>

namespace weather::log {
namespace {

using std::chrono::milliseconds;
using TimePoint = CommitSchedule::TimePoint;

constexpr milliseconds interval{1000};
const TimePoint now{std::chrono::hours(1)};
const TimePoint at_once{};

// Every combination of what callers can have left.
TEST(CommitSchedule, SaysWhenForEverythingThatCanWait) {
  const CommitSchedule schedule(interval);
  for (unsigned bits = 0; bits < 32; ++bits) {
    CommitSchedule::Waiting waiting;
    const bool pending = (bits & 1U) != 0, much = (bits & 2U) != 0;
    if (!pending && much) continue;
    waiting.bytes = !pending ? 0 : much ? commit_at_bytes : commit_at_bytes - 1;
    if (pending) waiting.since = now;
    waiting.urgent = (bits & 4U) != 0;
    waiting.rescued = (bits & 8U) != 0;
    waiting.full = (bits & 16U) != 0;

    std::optional<TimePoint> wanted;
    if (waiting.urgent && waiting.rescued)
      wanted = at_once;
    else if (pending && (waiting.urgent || much))
      wanted = at_once;
    else if (pending)
      wanted = now + interval;
    else if (waiting.full)
      wanted = at_once;
    EXPECT_EQ(schedule.due(waiting), wanted) << bits;

    CommitSchedule failed(interval);
    failed.failed(now);
    EXPECT_EQ(failed.due(waiting), now + milliseconds(1000))
        << "nothing goes before the next attempt, " << bits;
  }
}

TEST(CommitSchedule, TriesAgainLaterAndLater) {
  CommitSchedule schedule(interval);
  for (const int wait : {1000, 2000, 4000, 8000, 10000, 10000}) {
    schedule.failed(now);
    EXPECT_EQ(schedule.retry(), now + milliseconds(wait));
  }
  schedule.retry_at(now);
  EXPECT_EQ(schedule.retry(), now);
  schedule.succeeded();
  EXPECT_EQ(schedule.retry(), std::nullopt);
  schedule.failed(now);
  EXPECT_EQ(schedule.retry(), now + milliseconds(1000)) << "from the beginning after a success";
}

}  // namespace
}  // namespace weather::log
