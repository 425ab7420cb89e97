// Several routes, replays and ids that stay, against librdkafka's mock cluster.
#include "bridge/log/identity.hpp"
#include "bridge/registry/schema_cache.hpp"
#include "sensors/reading/schema.hpp"
#include "tests/unit/bridge/forwarder_bed.hpp"

namespace weather::bridge {
namespace {

TEST_F(ForwarderTest, ADeadLetterOfAnImportedRecordKeepsTheIdOfItsFirstLog) {
  const auto payload = reading("far", 1);
  std::vector<std::byte> body;
  log::encode_origin(
      {"fedcba9876543210fedcba9876543210", 77, log::Type::reading, std::as_bytes(std::span(payload))}, body);
  log_.add({reinterpret_cast<const char*>(body.data()), body.size()}, 1'000, log::Type::imported);
  cluster_.fail_produce({RD_KAFKA_RESP_ERR_INVALID_RECORD});
  start(options());
  ASSERT_TRUE(run_until([&] { return log_.cursor("kafka").dead_lettered == 1; }));
  const auto letter = forwarder_->dead_letters(10)->front();
  EXPECT_EQ(letter.event_id, "fedcba9876543210fedcba9876543210-77");
  std::string answer = "none yet";
  forwarder_->retry_dead_letter(letter.id, [&](std::string text) { answer = std::move(text); });
  ASSERT_TRUE(run_until([&] { return answer != "none yet"; }));
  EXPECT_EQ(answer, "");
  EXPECT_EQ(read_topic(cluster_.bootstrap_servers(), "t", 1).at(0).id, "fedcba9876543210fedcba9876543210-77");
}

TEST_F(ForwarderTest, ARetryAndARestartKeepTheIds) {
  cluster_.fail_produce({RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT, RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION});
  add(20);
  start(options());
  ASSERT_TRUE(run_until_delivered(20));
  stop();
  log_.advance("kafka", {.next = 11, .delivered = 10});  // what the card had when the power went
  start(options());
  ASSERT_TRUE(run_until_delivered(20));
  std::map<std::string, std::set<std::string>> ids;
  for (const auto& record : read_topic(cluster_.bootstrap_servers(), "t", 20))
    ids[record.value].insert(record.id);
  EXPECT_EQ(ids.size(), 20U);
  for (const auto& [value, same] : ids) EXPECT_EQ(same.size(), 1U) << value;
}

TEST_F(ForwarderTest, AReplaySendsTheSameIdsAgain) {
  add(20);
  start(options());
  ASSERT_TRUE(run_until_delivered(20));
  cluster_.create_topic("again", 1);
  std::uint64_t count = 0;
  std::string why = "none yet";
  forwarder_->replay("kafka", 1, 1000, "again", [&](std::uint64_t delivered, std::string text) {
    count = delivered;
    why = std::move(text);
  });
  ASSERT_TRUE(run_until([&] { return why != "none yet"; }));
  EXPECT_EQ(why, "");
  EXPECT_EQ(count, 20U);
  const auto records = read_topic(cluster_.bootstrap_servers(), "again", 20);
  ASSERT_EQ(records.size(), 20U);
  EXPECT_EQ(records[4].id, log_.id() + "-5");
  EXPECT_EQ(log_.cursor("kafka").delivered, 20U) << "a replay does not count";
}

TEST_F(ForwarderTest, AReplayTakesTheRangeAskedForAndGoesThroughAFullClient) {
  auto with = options();
  with.properties["queue.buffering.max.messages"] = "30";
  with.window_records = 20;
  add(400);
  start(with);
  ASSERT_TRUE(run_until_delivered(400));
  cluster_.create_topic("again", 1);
  std::string why = "none yet";
  std::uint64_t count = 0;
  forwarder_->replay("", 11, 361, "again", [&](std::uint64_t delivered, std::string text) {
    count = delivered;
    why = std::move(text);
  });
  ASSERT_TRUE(run_until([&] { return why != "none yet"; }));
  EXPECT_EQ(why, "");
  EXPECT_EQ(count, 350U);
  std::set<std::uint64_t> seen;
  for (const auto& record : read_topic(cluster_.bootstrap_servers(), "again", 350))
    seen.insert(record.sequence);
  EXPECT_EQ(seen.size(), 350U);
  EXPECT_EQ(*seen.begin(), 11U);
  EXPECT_EQ(*seen.rbegin(), 360U);
}

TEST_F(ForwarderTest, AReplayLeavesToTheStreamWhatItHasNotSentYet) {
  start(options());
  forwarder_->pause();
  add(10);
  std::string why = "none yet";
  std::uint64_t count = 99;
  forwarder_->replay("kafka", 1, 1000, "", [&](std::uint64_t delivered, std::string text) {
    count = delivered;
    why = std::move(text);
  });
  EXPECT_EQ(why, "");
  EXPECT_EQ(count, 0U);
}

TEST_F(ForwarderTest, ARouteThatWaitsForItsSchemaHoldsNoOther) {
  cluster_.create_topic("framed", 1);
  auto with = options();
  RouteOptions framed;
  framed.name = "framed";
  framed.topic = "framed";
  framed.format = Format::confluent_protobuf;
  with.routes.push_back(framed);
  with.registry = RegistrySettings{{"http://127.0.0.1:1", {}, {}, {}, true}, {}, dir_ / "schemas"};
  add(30);
  start(with);
  ASSERT_TRUE(run_until_delivered(30));
  ASSERT_TRUE(run_until([&] { return forwarder_->status().routes[1].state == RouteState::blocked; }));
  EXPECT_THAT(forwarder_->status().routes[1].reason,
              testing::HasSubstr("the schema registry at http://127.0.0.1:1: it cannot be reached"));
  EXPECT_EQ(log_.cursor("framed").delivered, 0U);
  stop();
  // Known from an earlier time: the registry need not be there.
  registry::SchemaCache cache(dir_ / "schemas", log::posix_files());
  ASSERT_TRUE(
      cache.store({"http://127.0.0.1:1", "framed-value", std::string(sensors::reading_schema())}, {77}));
  start(with);
  ASSERT_TRUE(run_until([&] { return log_.cursor("framed").delivered == 30; }));
  for (const auto& record : read_topic(cluster_.bootstrap_servers(), "framed", 30))
    EXPECT_EQ(record.value.substr(0, 6), std::string("\0\0\0\0\x4d\0", 6));
}

TEST_F(ForwarderTest, WhatARouteDoesNotTakeIsCountedAsPassed) {
  cluster_.create_topic("even", 1);
  auto with = options();
  RouteOptions even;
  even.name = "even";
  even.topic = "even";
  even.match = {{"sensor", "s0|s2"}};
  with.routes.push_back(even);
  add(40);
  start(with);
  ASSERT_TRUE(run_until_delivered(40));
  ASSERT_TRUE(run_until([&] { return log_.cursor("even").next == 41; }));
  EXPECT_EQ(log_.cursor("even").delivered, 20U);
  EXPECT_EQ(log_.cursor("even").passed, 20U);
  EXPECT_EQ(log_.cursor("kafka").passed, 0U);
  for (const auto& record : read_topic(cluster_.bootstrap_servers(), "even", 20))
    EXPECT_TRUE(record.key == "s0" || record.key == "s2") << record.key;
}

TEST_F(ForwarderTest, TwoRoutesHaveTheirOwnCursors) {
  cluster_.create_topic("second", 1);
  auto with = options();
  RouteOptions second;
  second.name = "second";
  second.topic = "second";
  with.routes.push_back(second);
  // Other errors of the mock cluster come with partitions, as no broker's do, and librdkafka before 2.10
  // crashes on that (its issue 4907).
  cluster_.refuse_topic("second", RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART);
  add(30);
  start(with);
  ASSERT_TRUE(run_until_delivered(30));
  EXPECT_EQ(log_.cursor("second").delivered, 0U);
  cluster_.refuse_topic("second", 0);
  ASSERT_TRUE(run_until([&] {
    forwarder_->retry_now();
    return log_.cursor("second").delivered == 30;
  }));
}

}  // namespace
}  // namespace weather::bridge
