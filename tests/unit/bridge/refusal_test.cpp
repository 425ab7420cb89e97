// Records that Kafka or the library does not take: what goes aside, and that nothing waits behind it.
#include "tests/unit/bridge/forwarder_bed.hpp"

namespace weather::bridge {
namespace {

// One broker refuses a batch; what is under way to the others comes back without an answer, into a client
// that connects no more.
TEST_F(ForwarderTest, WhatComesBackFromACutConnectionHoldsNothingUp) {
  MockCluster three(3);
  three.create_topic("many", 12);  // the mock cluster takes any broker as a leader
  auto with = options();
  with.properties["bootstrap.servers"] = three.bootstrap_servers();
  with.routes.front().topic = "many";
  start(with);
  add(8);
  ASSERT_TRUE(run_until_delivered(8));

  three.set_round_trip_ms(1500);
  three.fail_produce({RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE});
  add(1);
  run_until([] { return false; }, milliseconds(1000));
  for (int i = 0; i < 24; ++i) add(1, "other" + std::to_string(i));
  ASSERT_TRUE(run_until([&] { return !route().last_error.empty(); }));
  three.set_link_up(false);
  three.set_round_trip_ms(0);
  run_until([] { return false; }, milliseconds(200));
  three.set_link_up(true);
  EXPECT_TRUE(run_until([&] { return log_.cursor("kafka").next == 34; })) << to_string(route().state);
}

// One record of a batch is refused and the library blames them all: as librdkafka 2.0.2 does.
TEST_F(ForwarderTest, ARefusedBatchIsSearchedAndNothingOvertakesIt) {
  auto with = options();
  with.properties["enable.idempotence"] = "false";  // an idempotent producer's first request has one record
  with.properties["batch.num.messages"] = "50";
  with.properties["linger.ms"] = "1000";
  // The first batch as a whole, its first half, and so on down to one record: 50, 25, 12, 6, 3, 1. A library
  // that cuts a group in two when the machine is busy gets there with fewer, and the next records are refused
  // alone.
  cluster_.fail_produce(std::vector<int>(6, RD_KAFKA_RESP_ERR_INVALID_RECORD));
  for (int i = 0; i < 1000; ++i) add(1, "one-key");
  start(with);
  ASSERT_TRUE(run_until([&] { return log_.cursor("kafka").next == 1001; }));
  const auto dead = log_.cursor("kafka").dead_lettered;
  EXPECT_THAT(dead, testing::AllOf(testing::Ge(1U), testing::Le(5U)));
  EXPECT_EQ(log_.cursor("kafka").delivered, 1000 - dead);
  EXPECT_EQ(route().state, RouteState::online);
  std::set<std::uint64_t> given_up;
  for (std::uint64_t i = 1; i <= dead; ++i) given_up.insert(i);
  expect_topic(1000, given_up);
}

TEST_F(ForwarderTest, ARefusedRecordIsKeptWithItsReason) {
  cluster_.fail_produce({RD_KAFKA_RESP_ERR_INVALID_RECORD});
  add(1);
  start(options());
  ASSERT_TRUE(run_until([&] { return log_.cursor("kafka").dead_lettered == 1; }));
  forwarder_->stop(seconds(1), [] {});
  run_until([] { return false; }, milliseconds(100));
  forwarder_.reset();
  const auto letters =
      DeadLetters::open(dir_ / "dead-letters", 64U << 20, log::posix_files(), log::system_clock());
  ASSERT_TRUE(letters) << letters.error().message();
  const auto list = (*letters)->list(10);
  ASSERT_EQ(list->size(), 1U);
  EXPECT_EQ((*list)[0].reason, "invalid_record");
  EXPECT_EQ((*list)[0].event_id, log_.id() + "-1");
  EXPECT_EQ((*(*letters)->show((*list)[0].id)).payload, reading("s0", 0));
}

TEST_F(ForwarderTest, ARecordTooLargeForTheLibraryGoesAsideAndTheRestGoesOn) {
  auto with = options();
  with.properties["message.max.bytes"] = "2000";
  add(5);
  log_.add(reading(std::string(3000, 'x'), 1), 1'000);
  add(5);
  start(with);
  ASSERT_TRUE(run_until([&] { return log_.cursor("kafka").next == 12; }));
  EXPECT_EQ(log_.cursor("kafka").dead_lettered, 1U);
  EXPECT_EQ(log_.cursor("kafka").delivered, 10U);
}

TEST_F(ForwarderTest, WhatCouldNotBeDecodedGoesToTheDeadLetters) {
  v1::Reading broken;
  broken.set_flags(v1::FLAG_PARSE_PARTIAL);
  broken.set_error("offset 3: not JSON");
  broken.set_raw("abc");
  add(1);
  log_.add(broken.SerializeAsString(), 1'000);
  add(1);
  start(options());
  ASSERT_TRUE(run_until([&] { return log_.cursor("kafka").next == 4; }));
  EXPECT_EQ(log_.cursor("kafka").dead_lettered, 1U);
  EXPECT_EQ(log_.cursor("kafka").delivered, 2U);
}

// The mock cluster does not answer what a topic's limits are.
TEST_F(ForwarderTest, ManyDeadLettersAtOnceKeepTheirPlaceAmongTheGoodOnes) {
  v1::Reading broken;
  broken.set_flags(v1::FLAG_PARSE_PARTIAL);
  broken.set_error("offset 3: not JSON");
  for (int i = 0; i < 500; ++i) {
    log_.add(broken.SerializeAsString(), 1'000);
    log_.add(broken.SerializeAsString(), 1'000);
    add(1);
  }
  start(options());
  ASSERT_TRUE(run_until([&] { return log_.cursor("kafka").next == 1501; }));
  EXPECT_EQ(log_.cursor("kafka").dead_lettered, 1000U);
  EXPECT_EQ(log_.cursor("kafka").delivered, 500U);
}

TEST_F(ForwarderTest, ManyBadRecordsInARowDoNotHoldUpTheGoodOnes) {
  auto with = options();
  with.properties["enable.idempotence"] = "false";  // as above
  with.properties["batch.num.messages"] = "50";
  with.properties["linger.ms"] = "1000";
  // 50, 25, 12, 6, 3, 1 and then one record after the other.
  cluster_.fail_produce(std::vector<int>(6 + 99, RD_KAFKA_RESP_ERR_INVALID_RECORD));
  add(300, "one-key");
  start(with);
  ASSERT_TRUE(run_until([&] { return log_.cursor("kafka").next == 301; }, seconds(20)));
  // How many requests the search takes depends on how the library cuts the first batch.
  EXPECT_THAT(log_.cursor("kafka").dead_lettered, testing::AllOf(testing::Ge(95U), testing::Le(104U)));
  EXPECT_EQ(log_.cursor("kafka").delivered, 300 - log_.cursor("kafka").dead_lettered);
  EXPECT_THAT(notices_, testing::Not(testing::Contains(testing::HasSubstr("cannot be reached"))))
      << "it is not the link";
}

// In a search for the bad record, one after the other goes out; an anchor goes nowhere, so nobody reports it.
TEST_F(ForwarderTest, ASearchDoesNotEndAtWhatIsNotSent) {
  auto with = options();
  with.properties["enable.idempotence"] = "false";
  with.properties["linger.ms"] = "1000";
  add(1, "one-key");
  log_.add({}, 1'000, log::Type::anchor);
  add(1, "one-key");
  cluster_.fail_produce(std::vector<int>(2, RD_KAFKA_RESP_ERR_INVALID_RECORD));
  start(with);
  EXPECT_TRUE(run_until([&] { return log_.cursor("kafka").next == 4; })) << log_.cursor("kafka").next;
  EXPECT_EQ(log_.cursor("kafka").dead_lettered, 1U);
}

// While it was blocked one record at a time was tried, and a refusal had nothing to hold back.
TEST_F(ForwarderTest, AfterABlockedTimeABatchIsNotOvertakenEither) {
  auto with = options();
  with.properties["batch.num.messages"] = "10";
  cluster_.set_round_trip_ms(20);
  cluster_.fail_produce({RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED});
  add(1, "one-key");
  start(with);
  ASSERT_TRUE(run_until([&] { return route().state == RouteState::blocked; }));
  forwarder_->retry_now();
  ASSERT_TRUE(run_until_delivered(1));
  cluster_.fail_produce({RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS});
  for (int i = 0; i < 200; ++i) add(1, "one-key");
  ASSERT_TRUE(run_until_delivered(201));
  expect_topic(201);
}

// For a producer with idempotence, and without.
class EitherProducer : public ForwarderTest, public testing::WithParamInterface<const char*> {
 protected:
  std::string retry(std::uint64_t id) {
    const auto answer = std::make_shared<std::string>("none yet");
    forwarder_->retry_dead_letter(id, [answer](std::string text) { *answer = std::move(text); });
    run_until([&] { return *answer != "none yet"; });
    return *answer;
  }
};

TEST_P(EitherProducer, ADeadLetterThatIsRefusedOnceMoreHoldsNothingUp) {
  auto with = options();
  with.properties["enable.idempotence"] = GetParam();
  cluster_.fail_produce({RD_KAFKA_RESP_ERR_INVALID_RECORD});
  add(1);
  start(with);
  ASSERT_TRUE(run_until([&] { return log_.cursor("kafka").dead_lettered == 1; }));
  add(10);
  ASSERT_TRUE(run_until_delivered(10));

  const auto id = forwarder_->dead_letters(10)->front().id;
  cluster_.fail_produce({RD_KAFKA_RESP_ERR_INVALID_RECORD});
  EXPECT_THAT(retry(id), testing::HasSubstr("the broker refuses its content"));
  EXPECT_EQ(forwarder_->dead_letter_count(), 1U);
  add(10);
  EXPECT_TRUE(run_until_delivered(20));
  EXPECT_EQ(retry(id), "") << "taken now";
  EXPECT_EQ(forwarder_->dead_letter_count(), 0U);
  EXPECT_EQ(read_topic(cluster_.bootstrap_servers(), "t", 21).size(), 21U);
}

TEST_P(EitherProducer, WhatIsRefusedWhileTheLogCannotBeReadIsSeenToAfterwards) {
  auto with = options();
  with.properties["enable.idempotence"] = GetParam();
  start(with);
  add(4);
  ASSERT_TRUE(run_until_delivered(4));
  cluster_.set_round_trip_ms(300);
  cluster_.fail_produce({RD_KAFKA_RESP_ERR_INVALID_RECORD});
  add(4);
  run_until([] { return false; }, milliseconds(100));
  log_.fail_read = true;
  add(4);
  ASSERT_TRUE(run_until([&] { return !route().last_error.empty(); }));
  EXPECT_EQ(route().state, RouteState::blocked);
  log_.fail_read = false;
  EXPECT_TRUE(run_until([&] { return log_.cursor("kafka").next == 13; }));
}

INSTANTIATE_TEST_SUITE_P(ForwarderTest, EitherProducer, testing::Values("false", "true"),
                         [](const auto& chosen) {
                           return std::string(chosen.param[0] == 't' ? "idempotent" : "plain");
                         });

TEST_F(ForwarderTest, AnIdempotentProducerFindsTheBadRecordToo) {
  auto with = options();
  with.properties["enable.idempotence"] = "true";
  with.properties["batch.num.messages"] = "10";
  add(1, "one-key");
  start(with);
  ASSERT_TRUE(run_until_delivered(1));
  // Its batch, and itself: a new producer sends the first record of the key alone.
  cluster_.fail_produce(std::vector<int>(2, RD_KAFKA_RESP_ERR_INVALID_RECORD));
  for (int i = 0; i < 100; ++i) add(1, "one-key");
  ASSERT_TRUE(run_until([&] { return log_.cursor("kafka").next == 102; }));
  EXPECT_EQ(log_.cursor("kafka").dead_lettered, 1U);
  EXPECT_GE(route().producer_restarts, 1U);
  expect_topic(101, {2});
}

// A group that ends because the log is empty is a group that went well.
TEST_P(EitherProducer, AfterASearchAndAReadErrorTheStatusAndTheWindowAreAsBefore) {
  auto with = options();
  with.properties["enable.idempotence"] = GetParam();
  cluster_.fail_produce({RD_KAFKA_RESP_ERR_INVALID_RECORD});
  add(1);
  start(with);
  ASSERT_TRUE(run_until([&] { return log_.cursor("kafka").dead_lettered == 1; }));
  log_.fail_read = true;
  add(1);
  ASSERT_TRUE(run_until([&] { return route().state == RouteState::blocked; }));
  log_.fail_read = false;
  for (std::uint64_t i = 0; i < 11; ++i) {
    if (i > 0) add(1);
    ASSERT_TRUE(run_until_delivered(i + 1));
    ASSERT_TRUE(run_until([&] { return route().state == RouteState::online; }, seconds(1)))
        << to_string(route().state) << ": " << route().reason;
  }
  cluster_.set_round_trip_ms(500);
  for (int i = 0; i < 500; ++i) add(1, "other" + std::to_string(i));
  EXPECT_TRUE(run_until([&] { return route().in_flight == 500; }, seconds(2))) << route().in_flight;
  ASSERT_TRUE(run_until_delivered(511));
}

// A probe that comes through opens the window though more is waiting; else a backlog would go one by one.
TEST_F(ForwarderTest, AfterABlockedTimeABacklogIsNotSentOneByOne) {
  cluster_.fail_produce({RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED});
  for (int i = 0; i < 200; ++i) add(1, "s" + std::to_string(i));
  start(options());
  ASSERT_TRUE(run_until([&] { return route().state == RouteState::blocked; }));
  cluster_.set_round_trip_ms(100);
  forwarder_->retry_now();
  ASSERT_TRUE(run_until([&] { return route().state != RouteState::blocked; }, seconds(5)));
  EXPECT_GT(route().waiting, 100U);
  EXPECT_TRUE(run_until([&] { return log_.cursor("kafka").delivered == 200; }, seconds(5)))
      << log_.cursor("kafka").delivered << " of 200";
}

// Nothing has to be delivered for it: that the log can be read again is enough.
TEST_F(ForwarderTest, ALogThatCanBeReadAgainHoldsNothingUp) {
  start(options());
  add(4);
  ASSERT_TRUE(run_until_delivered(4));
  cluster_.set_round_trip_ms(300);
  add(1);
  run_until([] { return false; }, milliseconds(100));
  log_.fail_read = true;
  forwarder_->resume();
  ASSERT_TRUE(run_until([&] { return route().state == RouteState::blocked; }));
  log_.fail_read = false;
  ASSERT_TRUE(run_until_delivered(5));
  EXPECT_TRUE(run_until([&] { return route().state == RouteState::online; }, seconds(8))) << route().reason;
}

}  // namespace
}  // namespace weather::bridge
