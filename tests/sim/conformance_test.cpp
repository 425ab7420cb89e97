// What the model takes for granted of librdkafka: the same script against the model and against the library
// of this machine with its mock cluster. A test that holds on one side only is a fault of the model, or news
// of the library.
#include <librdkafka/rdkafka.h>

#include "bridge/kafka/error_table.hpp"
#include "tests/sim/conformance_bed.hpp"

namespace weather::sim {
namespace {

TEST_P(Conformance, EachRecordIsReportedOnceAndARunOfReportsEnds) {
  make();
  produce_all(1, 50);
  ASSERT_TRUE(reported(50));
  run_for(milliseconds(200));
  expect(1, 50, 0);
  EXPECT_GE(heard_.runs, 1U);
  EXPECT_EQ(in_topic(50), ids(1, 50));
}

TEST_P(Conformance, ARefusedBatchIsReportedWholeAndNothingFollowsIt) {
  make({{"batch.num.messages", "10"}, {"linger.ms", "300"}});
  client_->send_together(true);
  world_->set_round_trip(milliseconds(40));
  world_->refuse_next(RD_KAFKA_RESP_ERR_INVALID_RECORD);
  produce_all(1, 30);
  ASSERT_TRUE(reported(10));
  run_for(milliseconds(500));
  expect(1, 10, RD_KAFKA_RESP_ERR_INVALID_RECORD);
  EXPECT_EQ(heard_.count, 10U);
  EXPECT_TRUE(client_->cut_by_us());
  client_->purge(false);
  ASSERT_TRUE(reported(30));
  expect(11, 30, RD_KAFKA_RESP_ERR__PURGE_QUEUE);
}

TEST_P(Conformance, ARecordThatIsSentAloneLeavesTheConnection) {
  make();
  client_->send_together(false);
  world_->refuse_next(RD_KAFKA_RESP_ERR_INVALID_RECORD);
  ASSERT_EQ(produce(1), 0);
  ASSERT_TRUE(reported(1));
  EXPECT_FALSE(client_->cut_by_us());
  ASSERT_EQ(produce(2), 0);
  ASSERT_TRUE(reported(2));
  expect(2, 2, 0);
}

TEST_P(Conformance, WhatIsTriedAgainKeepsItsPlace) {
  for (const int code : {RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION, RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS}) {
    heard_ = {};
    make({{"batch.num.messages", "10"}});
    client_->send_together(true);
    world_->refuse_next(code);
    const bridge::Window::Id from = code == RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION ? 1 : 31;
    produce_all(from, from + 29);
    ASSERT_TRUE(reported(30));
    expect(from, from + 29, 0);
  }
  EXPECT_EQ(in_topic(60), ids(1, 60));
}

TEST_P(Conformance, ALeaderThatMovesLetsNothingOvertakeWhatHangs) {
  world_->create_topic("u", {});
  world_->lead_from_node_2("u");
  make();
  client_->send_together(true);
  produce_all(1, 1);
  ASSERT_EQ(produce(1000, 0, "u"), 0);  // so that both nodes are connected
  ASSERT_TRUE(reported(2));
  world_->refuse_late(RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION, seconds(5));
  ASSERT_EQ(produce(2), 0);
  run_for(milliseconds(800));
  world_->lead_from_node_2("t");
  for (int i = 0; i < 10; ++i) {
    client_->look_at_topics();
    ASSERT_EQ(produce(static_cast<bridge::Window::Id>(3 + i)), 0);
    run_for(milliseconds(200));
  }
  ASSERT_TRUE(reported(13));
  expect(1, 12, 0);
  EXPECT_EQ(in_topic(12), ids(1, 12));
}

TEST_P(Conformance, APurgeGivesBackWhatWasNotSent) {
  make({{"linger.ms", "60000"}});
  run_for(milliseconds(300));
  produce_all(1, 5);
  run_for(milliseconds(100));
  client_->purge(false);
  ASSERT_TRUE(reported(5));
  expect(1, 5, RD_KAFKA_RESP_ERR__PURGE_QUEUE);
}

TEST_P(Conformance, APurgeOfWhatIsInFlightIsReportedOnce) {
  make(
      {{"topic.metadata.refresh.interval.ms", "60000"}});  // its answer would take the connection's one place
  ASSERT_EQ(produce(1), 0);
  ASSERT_TRUE(reported(1));
  world_->set_round_trip(milliseconds(800));
  produce_all(2, 6);
  run_for(milliseconds(500));
  client_->purge(true);
  ASSERT_TRUE(reported(6));
  run_for(milliseconds(1500));
  expect(2, 6, RD_KAFKA_RESP_ERR__PURGE_INFLIGHT);
}

TEST_P(Conformance, ALineThatIsDownReportsNoRecordAndDeliversInOrderOnceItIsBack) {
  make();
  ASSERT_EQ(produce(1), 0);
  ASSERT_TRUE(reported(1));
  world_->set_line(false);
  produce_all(2, 40);
  run_for(milliseconds(1000));
  EXPECT_EQ(heard_.count, 1U);
  EXPECT_NE(std::ranges::find(heard_.errors, RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN), heard_.errors.end());
  world_->set_line(true);
  ASSERT_TRUE(reported(40));
  expect(2, 40, 0);
  EXPECT_EQ(in_topic(40), ids(1, 40));
}

TEST_P(Conformance, ARecordThatIsTooLargeIsRefusedAtOnce) {
  make({{"message.max.bytes", "20000"}, {"batch.size", "20000"}});
  EXPECT_EQ(produce(1, 40'000), RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE);
  EXPECT_EQ(produce(2), 0);
  ASSERT_TRUE(reported(1));
  EXPECT_FALSE(heard_.reports.contains(1));
}

TEST_P(Conformance, AFullQueueSaysSoAndAReportMakesRoom) {
  make({{"queue.buffering.max.messages", "10"}});
  world_->set_line(false);
  produce_all(1, 10);
  EXPECT_EQ(produce(11), RD_KAFKA_RESP_ERR__QUEUE_FULL);
  world_->set_line(true);
  ASSERT_TRUE(reported(10));
  EXPECT_EQ(produce(11), 0);
}

TEST_P(Conformance, AFlushEndsLingeringAndComesAfterTheReports) {
  make({{"linger.ms", "60000"}});
  produce_all(1, 5);
  std::size_t heard_at_end = 0;
  bool done = false;
  client_->flush(seconds(10), [&] {
    heard_at_end = heard_.count;
    done = true;
  });
  ASSERT_TRUE(run_until([&] { return done; }));
  EXPECT_EQ(heard_at_end, 5U);
}

TEST_P(Conformance, AFlushIsToldAlsoWhenTheClientIsGone) {
  make();
  world_->set_line(false);
  produce_all(1, 5);
  bool done = false;
  client_->flush(seconds(2), [&] { done = true; });
  client_.reset();
  EXPECT_TRUE(run_until([&] { return done; }));
  EXPECT_EQ(heard_.count, 0U);
}

TEST_P(Conformance, AnIdempotentProducerWithoutGapsStopsAtARefusal) {
  make({{"enable.idempotence", "true"}});
  ASSERT_EQ(produce(1), 0);
  ASSERT_TRUE(reported(1));
  world_->refuse_next(RD_KAFKA_RESP_ERR_INVALID_RECORD);
  ASSERT_EQ(produce(2), 0);
  ASSERT_TRUE(run_until([&] { return !heard_.fatal.empty(); }));
  EXPECT_EQ(bridge::classify(produce(3)), bridge::ErrorClass::fatal);
  ASSERT_TRUE(reported(2));
  EXPECT_NE(heard_.reports[2].at(0), 0);
}

TEST_P(Conformance, ATransactionThatIsAbortedLeavesNothingAndTheNextOneGoes) {
  make({}, bridge::Delivery::exactly_once);
  open();
  EXPECT_EQ(produce(1), RD_KAFKA_RESP_ERR__STATE);
  EXPECT_EQ(client_->begin_transaction().text, "");
  produce_all(2, 4);
  ASSERT_TRUE(reported(3));
  EXPECT_EQ(end(true).text, "");
  EXPECT_EQ(client_->begin_transaction().text, "");
  produce_all(5, 7);
  EXPECT_EQ(end(true).text, "") << "a commit waits for what is in flight";
  EXPECT_EQ(heard_.count, 6U) << "and its reports come before";
}

TEST_P(Conformance, ARefusedRecordFailsItsTransactionAndTheNext) {
  make({}, bridge::Delivery::exactly_once);
  open();
  EXPECT_EQ(client_->begin_transaction().text, "");
  ASSERT_EQ(produce(9), 0);
  EXPECT_EQ(end(true).text, "");  // now the broker knows this producer
  EXPECT_EQ(client_->begin_transaction().text, "");
  world_->refuse_next(RD_KAFKA_RESP_ERR_INVALID_RECORD);
  ASSERT_EQ(produce(1), 0);
  ASSERT_TRUE(run_until([&] { return !heard_.transaction_failed.empty() && heard_.count == 2; }));
  expect(1, 1, RD_KAFKA_RESP_ERR_INVALID_RECORD);
  EXPECT_EQ(produce(2), RD_KAFKA_RESP_ERR__STATE);
  EXPECT_TRUE(end(true).abort);
  EXPECT_EQ(end(false).text, "");
  // The gap in the numbers stays, and fails the next one as well; the one after that goes.
  EXPECT_EQ(client_->begin_transaction().text, "");
  ASSERT_EQ(produce(3), 0);
  EXPECT_TRUE(end(true).abort);
  EXPECT_EQ(end(false).text, "");
  EXPECT_EQ(client_->begin_transaction().text, "");
  ASSERT_EQ(produce(4), 0);
  EXPECT_EQ(end(true).text, "");
  expect(4, 4, 0);
}

INSTANTIATE_TEST_SUITE_P(Sim, Conformance, testing::Values("Model", "Librdkafka"),
                         [](const auto& chosen) { return std::string(chosen.param); });

}  // namespace
}  // namespace weather::sim
