// What the model takes for granted of Kafka's brokers: the same script against the model, and with
// WEATHER_KAFKA against a real cluster (tests/integration/test_conformance.py).
#include <cstdlib>

#include "bridge/core/kafka_codes.hpp"
#include "bridge/kafka/error_table.hpp"
#include "tests/sim/conformance_bed.hpp"

namespace weather::sim {
namespace {

// rd_kafka_resp_err_t of brokers.
constexpr int unknown_topic = 3, too_large = 10, invalid_timestamp = 32;

class Brokers : public Conformance {
 protected:
  void SetUp() override {
    const auto* test = testing::UnitTest::GetInstance()->current_test_info();
    topic_ = std::string(test->name());
    topic_ = topic_.substr(0, topic_.find('/'));
    world_ = make_world(GetParam());
  }
  void create_topic(const TopicLimits& limits = {}) { world_->create_topic(topic_, limits); }
  void begin() { ASSERT_EQ(client_->begin_transaction().text, ""); }
  std::string cursors() const { return topic_ + ".cursors"; }
  bridge::Opened opened() {
    std::optional<bridge::Opened> result;
    client_->open_transactions(cursors(), "gateway/route", [&](const bridge::Opened& got) { result = got; });
    EXPECT_TRUE(run_until([&] { return result.has_value(); }, seconds(60)));
    return result.value_or(bridge::Opened{});
  }
  int produce_cursor(log::Sequence next, bridge::Window::Id number) {
    const std::string value = bridge::write_cursor({"log", {.next = next}}), topic = cursors();
    bridge::KafkaRecord record;
    record.topic = topic;
    record.key = "gateway/route";
    record.value = value;
    record.timestamp_ms = timestamp_ms_;
    return client_->produce(record, number);
  }
};

TEST_P(Brokers, RecordsOfAKeyAreStoredInTheOrderGiven) {
  create_topic();
  make({{"batch.num.messages", "7"}});
  produce_all(1, 60);
  ASSERT_TRUE(reported(60));
  expect(1, 60, 0);
  EXPECT_EQ(world_->stored(topic_, 60), ids(1, 60));
}

TEST_P(Brokers, WhatWasAbortedIsSeenByNoReaderOfCommittedData) {
  create_topic();
  make({}, bridge::Delivery::exactly_once);
  ASSERT_EQ(opened().result.text, "");
  begin();
  produce_all(1, 3);
  EXPECT_EQ(end(true).text, "");
  begin();
  produce_all(4, 6);
  ASSERT_TRUE(reported(6));
  EXPECT_EQ(end(false).text, "");
  begin();
  produce_all(7, 7);
  EXPECT_EQ(end(true).text, "");
  EXPECT_EQ(world_->stored(topic_, 4), (std::vector<std::string>{"log-1", "log-2", "log-3", "log-7"}));
}

TEST_P(Brokers, TheCursorOfTheLastCommittedTransactionIsReadBack) {
  create_topic();
  make({}, bridge::Delivery::exactly_once);
  EXPECT_FALSE(opened().stored) << "there is none yet";
  begin();
  ASSERT_EQ(produce_cursor(5, 1), 0);
  EXPECT_EQ(end(true).text, "");
  begin();
  ASSERT_EQ(produce_cursor(9, 2), 0);
  ASSERT_TRUE(reported(2));
  EXPECT_EQ(end(false).text, "");
  client_.reset();
  make({}, bridge::Delivery::exactly_once);
  const auto again = opened();
  ASSERT_TRUE(again.stored) << again.result.text;
  EXPECT_EQ(again.stored->cursor.next, 5U);
}

TEST_P(Brokers, ALaterClientOfAnIdentityFencesTheEarlierAndTakesBackWhatItLeftOpen) {
  create_topic();
  make({}, bridge::Delivery::exactly_once);
  ASSERT_EQ(opened().result.text, "");
  begin();
  produce_all(1, 2);
  ASSERT_TRUE(reported(2));
  const auto first = std::move(client_);
  Heard of_first = std::exchange(heard_, {});
  make({}, bridge::Delivery::exactly_once);
  ASSERT_EQ(opened().result.text, "");
  begin();
  produce_all(3, 4);
  EXPECT_EQ(end(true).text, "");
  std::optional<bridge::TransactionResult> ended;
  first->commit_transaction([&](const bridge::TransactionResult& result) { ended = result; });
  ASSERT_TRUE(run_until([&] { return ended.has_value(); }, seconds(60)));
  EXPECT_TRUE(ended->fatal) << ended->code << ' ' << ended->text;
  EXPECT_EQ(ended->code, bridge::code::fenced) << ended->text;
  EXPECT_EQ(world_->stored(topic_, 2), (std::vector<std::string>{"log-3", "log-4"}));
}

TEST_P(Brokers, ATransactionThatLastsTooLongIsTakenBackAndItsClientIsFinished) {
  create_topic();
  make({{"transaction.timeout.ms", "2000"}, {"socket.timeout.ms", "2000"}}, bridge::Delivery::exactly_once);
  ASSERT_EQ(opened().result.text, "");
  begin();
  produce_all(1, 2);
  ASSERT_TRUE(reported(2));
  run_for(seconds(25));  // brokers look every 10 s
  const auto ended = end(true);
  EXPECT_TRUE(ended.fatal) << ended.code << ' ' << ended.text;
  client_.reset();
  heard_ = {};
  make({}, bridge::Delivery::exactly_once);
  ASSERT_EQ(opened().result.text, "");
  begin();
  produce_all(3, 3);
  EXPECT_EQ(end(true).text, "");
  EXPECT_EQ(world_->stored(topic_, 1), (std::vector<std::string>{"log-3"}));
}

TEST_P(Brokers, ABatchBeyondTheTopicsLimitIsRefusedAndTheNextOneGoes) {
  create_topic({.max_message_bytes = 1500});
  make({{"compression.codec", "none"}});
  client_->send_together(false);
  ASSERT_EQ(produce(1, 4000), 0);
  ASSERT_TRUE(reported(1));
  expect(1, 1, too_large);
  ASSERT_EQ(produce(2), 0);
  ASSERT_TRUE(reported(2));
  expect(2, 2, 0);
  EXPECT_EQ(world_->stored(topic_, 1), (std::vector<std::string>{"log-2"}));
}

TEST_P(Brokers, ATimeThatTheTopicDoesNotTakeIsRefused) {
  create_topic({.before_max_ms = 3'600'000});
  make();
  client_->send_together(false);
  timestamp_ms_ = 1'700'000'000'000;
  ASSERT_EQ(produce(1), 0);
  ASSERT_TRUE(reported(1));
  expect(1, 1, invalid_timestamp);
}

TEST_P(Brokers, ATransactionWithARefusedRecordCanOnlyBeAborted) {
  create_topic({.max_message_bytes = 1500});
  make({{"compression.codec", "none"}}, bridge::Delivery::exactly_once);
  ASSERT_EQ(opened().result.text, "");
  begin();
  ASSERT_EQ(produce(1), 0);
  EXPECT_EQ(end(true).text, "");
  begin();
  ASSERT_EQ(produce(2, 4000), 0);
  ASSERT_TRUE(run_until([&] { return !heard_.transaction_failed.empty() && heard_.count == 2; }));
  expect(2, 2, too_large);
  EXPECT_TRUE(end(true).abort);
  EXPECT_EQ(end(false).text, "");
  EXPECT_EQ(world_->stored(topic_, 1), (std::vector<std::string>{"log-1"}));
}

TEST_P(Brokers, ATopicThatIsNotThereIsToldAndOneThatIsThereIsNot) {
  create_topic();
  make();
  ASSERT_EQ(produce(1), 0);
  ASSERT_TRUE(reported(1));
  client_->look_at_topics();
  ASSERT_TRUE(run_until([&] { return heard_.topics_looked_at.has_value(); }));
  EXPECT_TRUE(heard_.topics_looked_at->empty());
  heard_.topics_looked_at.reset();
  client_->know_topic(topic_ + ".missing");
  client_->look_at_topics();
  ASSERT_TRUE(run_until([&] { return heard_.topics_looked_at.has_value(); }));
  EXPECT_EQ(*heard_.topics_looked_at, (bridge::TopicTroubles{{topic_ + ".missing", unknown_topic}}));
}

TEST_P(Brokers, ATopicTellsItsLimits) {
  create_topic({.max_message_bytes = 1500, .before_max_ms = 3'600'000});
  make();
  client_->describe_topic(topic_);
  ASSERT_TRUE(run_until([&] { return !heard_.settings.empty(); }));
  EXPECT_EQ(heard_.settings["max.message.bytes"], "1500");
  EXPECT_EQ(heard_.settings["message.timestamp.before.max.ms"], "3600000");
}

TEST_P(Brokers, AnIdempotentProducerWithoutGapsStopsAtARefusal) {
  create_topic({.max_message_bytes = 1500});
  make({{"enable.idempotence", "true"}, {"compression.codec", "none"}});
  ASSERT_EQ(produce(1), 0);
  ASSERT_TRUE(reported(1));
  ASSERT_EQ(produce(2, 4000), 0);
  ASSERT_TRUE(run_until([&] { return !heard_.fatal.empty(); }));
  EXPECT_EQ(bridge::classify(produce(3)), bridge::ErrorClass::fatal);
}

std::vector<const char*> worlds() {
  if (std::getenv("WEATHER_KAFKA") != nullptr) return {"Model", "Kafka"};
  return {"Model"};
}

INSTANTIATE_TEST_SUITE_P(Sim, Brokers, testing::ValuesIn(worlds()),
                         [](const auto& chosen) { return std::string(chosen.param); });

}  // namespace
}  // namespace weather::sim
