#include "sensors/buses/poller.hpp"

#include <atomic>
#include <thread>

#include <gtest/gtest.h>

#include "sensors/buses/schedule.hpp"
#include "tests/unit/buses/fake_sink.hpp"

namespace weather::sensors {
namespace {

using namespace std::chrono_literals;

Schedule::Time at(std::chrono::milliseconds ms) {
  return Schedule::Time() + 1h + ms;
}

TEST(Schedule, EveryJobIsDueAtOnceThenAtItsRate) {
  Schedule schedule({1000ms, 2500ms}, at(0ms));
  EXPECT_EQ(schedule.take_due(at(0ms)), 0U);
  EXPECT_EQ(schedule.take_due(at(0ms)), 1U);
  EXPECT_EQ(schedule.take_due(at(0ms)), std::nullopt);
  EXPECT_EQ(schedule.next_due(), at(1000ms));
  EXPECT_EQ(schedule.take_due(at(1000ms)), 0U);
  EXPECT_EQ(schedule.take_due(at(2500ms)), 0U);
  EXPECT_EQ(schedule.take_due(at(2500ms)), 1U);
}

TEST(Schedule, ALongPollLeavesNoPileOfMissedOnes) {
  Schedule schedule({1000ms}, at(0ms));
  schedule.take_due(at(0ms));
  EXPECT_EQ(schedule.take_due(at(5300ms)), 0U);
  EXPECT_EQ(schedule.take_due(at(5300ms)), std::nullopt);
  EXPECT_EQ(schedule.next_due(), at(6000ms));
}

TEST(Schedule, WithoutJobsNothingIsEverDue) {
  Schedule schedule({}, at(0ms));
  EXPECT_EQ(schedule.take_due(at(1h)), std::nullopt);
  EXPECT_EQ(schedule.next_due(), Schedule::Time::max());
}

TEST(Schedule, AnIntervalOfZeroIsNoBusyLoop) {
  Schedule schedule({0ms}, at(0ms));
  schedule.take_due(at(0ms));
  EXPECT_EQ(schedule.next_due(), at(100ms));
}

PollJob counting(std::atomic<int>& polls) {
  return {"test", 100ms, [&](const std::stop_token&) {
            Reading reading;
            reading.set_sensor_id("s" + std::to_string(++polls));
            return std::vector<Reading>{reading};
          }};
}

TEST(Poller, StoresWhatAJobReturnsWithItsSourceAndTime) {
  FakeSink sink;
  std::atomic<int> polls = 0;
  Poller poller({counting(polls)}, sink, [] { return 42; });
  poller.start();
  const auto readings = sink.wait_for(2);
  poller.stop();
  ASSERT_GE(readings.size(), 2U);
  EXPECT_EQ(readings[0].sensor_id(), "s1");
  EXPECT_EQ(readings[0].arrival().source(), "test");
  EXPECT_EQ(readings[0].event_time_ns(), 42U);
  EXPECT_EQ(readings[0].time_source(), v1::TIME_GATEWAY);
  EXPECT_GE(poller.status().at(0).readings, 2U);
}

TEST(Poller, WhatTheSinkRefusedIsOfferedAgainInOrder) {
  FakeSink sink;
  sink.refuse = true;
  std::atomic<int> polls = 0;
  Poller poller({counting(polls)}, sink, [] { return 42; });
  poller.start();
  while (polls < 3) std::this_thread::sleep_for(10ms);
  sink.refuse = false;
  const auto readings = sink.wait_for(3);
  poller.stop();
  ASSERT_GE(readings.size(), 3U);
  EXPECT_EQ(readings[0].sensor_id(), "s1");
  EXPECT_EQ(readings[2].sensor_id(), "s3");
  EXPECT_GE(poller.status().at(0).refused, 2U);
}

TEST(Poller, StopsAtOnceWhileItWaitsForTheNextPoll) {
  FakeSink sink;
  std::atomic<int> polls = 0;
  auto job = counting(polls);
  job.interval = 1h;
  Poller poller({job}, sink, [] { return 42; });
  poller.start();
  sink.wait_for(1);
  const auto before = std::chrono::steady_clock::now();
  poller.stop();
  EXPECT_LT(std::chrono::steady_clock::now() - before, 2s);
}

TEST(Poller, ARunningJobSeesTheStop) {
  FakeSink sink;
  std::atomic<bool> running = false;
  Poller poller({{"slow", 1h,
                  [&](const std::stop_token& stop) {
                    running = true;
                    while (!stop.stop_requested()) std::this_thread::sleep_for(5ms);
                    return std::vector<Reading>{};
                  }}},
                sink, [] { return 42; });
  poller.start();
  while (!running) std::this_thread::sleep_for(1ms);
  const auto before = std::chrono::steady_clock::now();
  poller.stop();
  EXPECT_LT(std::chrono::steady_clock::now() - before, 2s);
}

}  // namespace
}  // namespace weather::sensors
