// order = "live_first" against librdkafka's mock cluster.
#include "tests/unit/bridge/forwarder_bed.hpp"

namespace weather::bridge {
namespace {

class LiveFirstTest : public ForwarderTest {
 protected:
  ForwarderOptions live_first() {
    auto result = options();
    result.backlog.order = Order::live_first;
    return result;
  }

  void add_old(int count) {
    for (int i = 0; i < count; ++i, ++added_)
      log_.add(reading("s" + std::to_string(added_ % 4), added_),
               log::system_clock().wall_ns() - 3'600'000'000'000);
  }

  std::uint64_t total() const { return static_cast<std::uint64_t>(added_); }

  bool run_until_all_is_through() {
    return run_until([&] { return log_.cursor("kafka").next == total() + 1; }, seconds(60));
  }

  // Every record once, and each key in order within the backlog and within what came in since.
  void expect_both_parts_in_order(std::uint64_t backlog) {
    const auto records = read_topic(cluster_.bootstrap_servers(), "t", total());
    EXPECT_EQ(records.size(), total());
    std::map<std::string, std::uint64_t> newest_old, newest_live;
    std::set<std::uint64_t> seen;
    for (const auto& record : records) {
      EXPECT_TRUE(seen.insert(record.sequence).second) << record.sequence << " came twice";
      auto& newest = record.sequence <= backlog ? newest_old[record.key] : newest_live[record.key];
      EXPECT_GT(record.sequence, newest);
      newest = record.sequence;
    }
    EXPECT_EQ(seen.size(), total());
    EXPECT_EQ(route().resent, 0U);
    const auto cursor = log_.cursor("kafka");
    EXPECT_EQ(cursor.delivered, total());
    EXPECT_TRUE(cursor.delivered_ranges.empty());
  }
};

TEST_F(LiveFirstTest, WhatComesInNowDoesNotWaitForTheBacklog) {
  auto with = live_first();
  with.backlog.max_records_per_s = 1000;
  add_old(8000);
  start(with);
  ASSERT_TRUE(run_until([&] { return route().live_first; }));
  const auto before = route().delivered;
  add(100);
  ASSERT_TRUE(
      run_until([&] { return route().live_waiting == 0 && route().delivered >= before + 100; }, seconds(3)));
  EXPECT_GT(route().waiting, 3000U) << "the backlog is far from its end";
  EXPECT_LT(route().live_p99_s, 2);
  EXPECT_EQ(log_.cursor("kafka").delivered_ranges.size(), 1U);
  ASSERT_TRUE(run_until_all_is_through());
  add(50);
  ASSERT_TRUE(run_until_all_is_through());
  EXPECT_FALSE(route().live_first);
  EXPECT_EQ(route().waiting, 0U);
  expect_both_parts_in_order(8000);
}

TEST_F(LiveFirstTest, ARestartInTheMiddleRepeatsNothing) {
  auto with = live_first();
  with.backlog.max_records_per_s = 1000;
  add_old(5000);
  start(with);
  ASSERT_TRUE(run_until([&] { return route().live_first; }));
  add(100);
  ASSERT_TRUE(run_until([&] { return route().live_waiting == 0 && route().delivered > 100; }));
  stop();
  EXPECT_EQ(log_.cursor("kafka").delivered_ranges.size(), 1U);
  const auto cursor = log_.cursor("kafka");
  EXPECT_LT(cursor.next, 5000U);
  add(100);
  with.backlog.max_records_per_s = 0;
  start(with);
  EXPECT_EQ(route().waiting, total() - cursor.delivered - cursor.delivered_ranges[0].delivered);
  ASSERT_TRUE(run_until_all_is_through());
  const auto records = read_topic(cluster_.bootstrap_servers(), "t", total());
  EXPECT_EQ(records.size(), total());
  EXPECT_EQ(log_.cursor("kafka").delivered, total());
}

TEST_F(LiveFirstTest, ABadRecordInTheBacklogHoldsUpNeither) {
  auto with = live_first();
  with.backlog.max_records_per_s = 2000;
  with.properties["message.max.bytes"] = "20000";
  add_old(3000);
  log_.add(reading(std::string(30'000, 'x'), 1), log::system_clock().wall_ns() - 3'600'000'000'000);
  ++added_;
  add_old(3000);
  start(with);
  ASSERT_TRUE(run_until([&] { return route().live_first; }));
  add(100);
  ASSERT_TRUE(run_until_all_is_through());
  EXPECT_EQ(log_.cursor("kafka").dead_lettered, 1U);
  EXPECT_EQ(log_.cursor("kafka").delivered, total() - 1);
}

TEST_F(LiveFirstTest, WithNextToNothingWaitingThereIsOneOrder) {
  add_old(500);
  start(live_first());
  ASSERT_TRUE(run_until_delivered(500));
  run_until([] { return false; }, milliseconds(1200));
  add(10);
  ASSERT_TRUE(run_until_delivered(510));
  EXPECT_FALSE(route().live_first);
}

}  // namespace
}  // namespace weather::bridge
