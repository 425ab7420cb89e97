#include "sensors/sources/reconnect.hpp"

#include <gtest/gtest.h>

namespace weather::sensors {
namespace {

using namespace std::chrono_literals;
const ReconnectSchedule::Clock::time_point start{};

TEST(Reconnect, TheWaitDoublesUpToTheLongest) {
  ReconnectSchedule schedule({1s, 60s, 30s});
  const std::chrono::milliseconds most[] = {1s, 2s, 4s, 8s, 16s, 32s, 60s, 60s};
  for (const auto whole : most) {
    auto same = schedule;
    EXPECT_EQ(same.failed(start, 0.0), whole / 2);
    EXPECT_LE(schedule.failed(start, 0.999), whole);
  }
  EXPECT_EQ(schedule.failures(), 8U);
}

TEST(Reconnect, AConnectionThatHeldStartsAgainWithTheFirstWait) {
  ReconnectSchedule schedule({1s, 60s, 30s});
  for (int i = 0; i < 5; ++i) schedule.failed(start, 0);
  schedule.connected(start);
  EXPECT_EQ(schedule.failed(start + 30s, 0), 500ms);
}

TEST(Reconnect, AConnectionThatBreaksAtOnceDoesNot) {
  ReconnectSchedule schedule({1s, 60s, 30s});
  for (int i = 0; i < 3; ++i) schedule.failed(start, 0);
  schedule.connected(start);
  EXPECT_EQ(schedule.failed(start + 1s, 0), 4s);
}

TEST(Reconnect, AThousandFailuresDoNotOverflow) {
  ReconnectSchedule schedule({1s, 60s, 30s});
  for (int i = 0; i < 1000; ++i) schedule.failed(start, 0);
  EXPECT_EQ(schedule.failed(start, 0), 30s);
}

}  // namespace
}  // namespace weather::sensors
