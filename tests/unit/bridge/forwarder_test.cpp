// The forwarder against librdkafka's mock cluster: real protocol, scripted errors.
#include <array>
#include <cstdlib>
#include <ctime>
#include <fstream>

#include "tests/unit/bridge/forwarder_bed.hpp"

namespace weather::bridge {
namespace {

TEST_F(ForwarderTest, DeliversWhatIsThereAndWhatComes) {
  add(500);
  start(options());
  ASSERT_TRUE(run_until_delivered(500));
  add(100);
  ASSERT_TRUE(run_until_delivered(600));
  EXPECT_EQ(log_.cursor("kafka").next, 601U);
  EXPECT_EQ(route().waiting, 0U);
  EXPECT_EQ(route().in_flight, 0U);
  EXPECT_EQ(route().state, RouteState::online);
  expect_topic(600);
}

TEST_F(ForwarderTest, GoesOnFromTheCursorAfterARestart) {
  add(50);
  start(options());
  ASSERT_TRUE(run_until_delivered(50));
  stop();
  add(50);
  start(options());
  ASSERT_TRUE(run_until_delivered(100));
  EXPECT_EQ(read_topic(cluster_.bootstrap_servers(), "t", 100).size(), 100U);
}

TEST_F(ForwarderTest, KafkaAwayAtTheStartIsANormalStart) {
  cluster_.set_link_up(false);
  add(20);
  start(options());
  ASSERT_TRUE(run_until([&] { return route().state == RouteState::offline && !notices_.empty(); }));
  EXPECT_EQ(route().waiting, 20U);
  cluster_.set_link_up(true);
  ASSERT_TRUE(run_until_delivered(20));
  expect_topic(20);
}

TEST_F(ForwarderTest, TellsOnceThatTheLinkIsGoneAndOnceThatItIsBack) {
  add(10);
  start(options());
  ASSERT_TRUE(run_until_delivered(10));
  notices_.clear();
  cluster_.set_link_up(false);
  add(200);
  ASSERT_TRUE(run_until([&] { return route().state == RouteState::offline; }));
  run_until([] { return false; }, seconds(2));
  EXPECT_THAT(notices_, testing::ElementsAre(testing::HasSubstr("cannot be reached")));
  cluster_.set_link_up(true);
  ASSERT_TRUE(run_until_delivered(210));
  EXPECT_THAT(notices_, testing::ElementsAre(testing::HasSubstr("cannot be reached"),
                                             testing::HasSubstr("is reached after")));
  expect_topic(210);
}

TEST_F(ForwarderTest, TransientAnswersOfTheBrokerAreOutlived) {
  cluster_.fail_produce({RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS, RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION,
                         RD_KAFKA_RESP_ERR__TRANSPORT, RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT,
                         RD_KAFKA_RESP_ERR_KAFKA_STORAGE_ERROR});
  add(400);
  start(options());
  ASSERT_TRUE(run_until_delivered(400));
  EXPECT_EQ(log_.cursor("kafka").dead_lettered, 0U);
  expect_topic(400);
}

// The library sends a batch again by itself after these answers; the next batch of the partition is made and
// waiting by then.
class Retried : public ForwarderTest, public testing::WithParamInterface<std::tuple<int, const char*>> {};

TEST_P(Retried, ABatchIsNotOvertakenByTheNext) {
  auto with = options();
  with.properties["batch.num.messages"] = "10";
  with.properties["enable.idempotence"] = std::get<1>(GetParam());
  cluster_.set_round_trip_ms(20);
  for (int i = 0; i < 200; ++i) add(1, "one-key");
  cluster_.fail_produce({std::get<0>(GetParam())});
  start(with);
  ASSERT_TRUE(run_until_delivered(200));
  expect_topic(200);
}

INSTANTIATE_TEST_SUITE_P(ForwarderTest, Retried,
                         testing::Combine(testing::Values(RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION,
                                                          RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART,
                                                          RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS,
                                                          RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT,
                                                          RD_KAFKA_RESP_ERR_KAFKA_STORAGE_ERROR),
                                          testing::Values("false", "true")),
                         [](const auto& chosen) {
                           return std::string(rd_kafka_err2name(
                                      static_cast<rd_kafka_resp_err_t>(std::get<0>(chosen.param)))) +
                                  (std::get<1>(chosen.param)[0] == 't' ? "Idempotent" : "");
                         });

// The leader of a partition hangs, and another takes over: what the first has not answered is sent again
// later.
class LeaderMoved : public testing::TestWithParam<const char*> {};

TEST_P(LeaderMoved, ABatchThatHangsIsNotOvertaken) {
  MockCluster cluster(2);
  cluster.create_topic("t", 2);
  cluster.set_leader("t", 0, 1);
  cluster.set_leader("t", 1, 2);
  boost::asio::io_context io;
  FakeLog log;
  ForwarderOptions with;
  with.gateway_id = "pi";
  with.properties = {{"bootstrap.servers", cluster.bootstrap_servers()},
                     {"linger.ms", "5"},
                     {"enable.idempotence", GetParam()},
                     {"topic.metadata.refresh.interval.ms", "200"}};
  RouteOptions route;
  route.topic = "t";
  with.routes = {route};
  Forwarder forwarder(io, log, log::system_clock(), with, {});
  int added = 0;
  const auto add = [&](int count) {  // of eight sensors, some in each partition
    for (int i = 0; i < count; ++i, ++added)
      log.add(reading("s" + std::to_string(added % 8), added), log::system_clock().wall_ns());
  };
  const auto run_until_delivered = [&](std::uint64_t count, milliseconds limit) {
    const auto end = std::chrono::steady_clock::now() + limit;
    while (log.cursor("kafka").delivered < count && std::chrono::steady_clock::now() < end) {
      io.restart();
      io.run_for(milliseconds(10));
    }
    return log.cursor("kafka").delivered >= count;
  };
  add(16);
  forwarder.start();
  ASSERT_TRUE(run_until_delivered(16, seconds(20)));  // both brokers are connected
  cluster.fail_produce_late(1, RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION, 6000);
  add(8);
  EXPECT_FALSE(run_until_delivered(24, seconds(1)));
  cluster.set_leader("t", 0, 2);
  for (int i = 0; i < 30; ++i) {
    add(8);
    (void)run_until_delivered(264, milliseconds(100));
  }
  ASSERT_TRUE(run_until_delivered(264, seconds(60)));
  std::map<std::string, std::uint64_t> newest;
  std::set<std::uint64_t> seen;
  for (const auto& record : read_topic(cluster.bootstrap_servers(), "t", 264)) {
    if (!seen.insert(record.sequence).second) continue;
    EXPECT_GT(record.sequence, newest[record.key]) << "overtaken in " << record.key;
    newest[record.key] = record.sequence;
  }
  EXPECT_EQ(seen.size(), 264U);
}

// An idempotent producer of 2.0.2 delivers nothing more here in two of three runs: it stays with the old
// leader (docs/results/suites.md), for longer than a test should last. Before 2.5 at-least-once does not use
// one (settings.cpp).
std::vector<const char*> idempotence_in_use() {
  if (rd_kafka_version() < 0x020500ff) return {"false"};
  return {"false", "true"};
}

INSTANTIATE_TEST_SUITE_P(ForwarderTest, LeaderMoved, testing::ValuesIn(idempotence_in_use()),
                         [](const auto& chosen) { return chosen.param[0] == 't' ? "Idempotent" : "Plain"; });

TEST_F(ForwarderTest, ABlockedTopicLosesNothingAndSaysWhy) {
  // The first request; what else was about to be sent is held back, and the probe comes through.
  cluster_.fail_produce({RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED});
  add(100);
  start(options());
  ASSERT_TRUE(run_until([&] { return route().state == RouteState::blocked; }));
  EXPECT_THAT(route().reason, testing::HasSubstr("allow this client to write to the topic"));
  forwarder_->retry_now();
  ASSERT_TRUE(run_until_delivered(100));
  EXPECT_EQ(route().state, RouteState::online);
  EXPECT_EQ(log_.cursor("kafka").dead_lettered, 0U);
  EXPECT_FALSE(std::filesystem::exists(dir_ / "dead-letters"));
  expect_topic(100);
}

TEST_F(ForwarderTest, ADeadLetterIsListedSentAgainUnderItsIdAndSettled) {
  cluster_.fail_produce({RD_KAFKA_RESP_ERR_INVALID_RECORD});
  add(1);
  start(options());
  EXPECT_EQ(forwarder_->dead_letter_count(), 0U);
  ASSERT_TRUE(run_until([&] { return log_.cursor("kafka").dead_lettered == 1; }));
  ASSERT_EQ(forwarder_->dead_letter_count(), 1U);
  const auto id = forwarder_->dead_letters(10)->front().id;
  std::string answer = "none yet";
  forwarder_->retry_dead_letter(id, [&](std::string text) { answer = std::move(text); });
  ASSERT_TRUE(run_until([&] { return answer != "none yet"; }));
  EXPECT_EQ(answer, "");
  EXPECT_EQ(forwarder_->dead_letter_count(), 0U);
  EXPECT_EQ(read_topic(cluster_.bootstrap_servers(), "t", 1).at(0).id, log_.id() + "-1");
  EXPECT_FALSE(forwarder_->drop_dead_letter(id));
}

TEST_F(ForwarderTest, ATimeThatIsRefusedAndNotExplainedIsReplaced) {
  cluster_.fail_produce({RD_KAFKA_RESP_ERR_INVALID_TIMESTAMP, RD_KAFKA_RESP_ERR_INVALID_TIMESTAMP});
  add(1);
  start(options());
  ASSERT_TRUE(run_until_delivered(1));
  const auto records = read_topic(cluster_.bootstrap_servers(), "t", 1);
  ASSERT_EQ(records.size(), 1U);
  EXPECT_GT(records[0].timestamp_ms, 1'758'349'800'000) << "the present time";
}

TEST_F(ForwarderTest, AFatalErrorMakesANewProducerAndLosesNothing) {
  auto with = options();
  with.properties["enable.idempotence"] = "true";
  cluster_.fail_produce({RD_KAFKA_RESP_ERR_OUT_OF_ORDER_SEQUENCE_NUMBER});
  add(200);
  start(with);
  ASSERT_TRUE(run_until_delivered(200));
  expect_topic(200);
}

// Of a producer that the broker does not know, it takes any batch as the first.
TEST_F(ForwarderTest, AnIdempotentProducerSendsTheFirstRecordOfAKeyAlone) {
  auto with = options();
  with.properties["enable.idempotence"] = "true";
  cluster_.set_round_trip_ms(200);
  add(40);  // of four sensors
  start(with);
  ASSERT_TRUE(run_until([&] { return route().in_flight > 0; }));
  io_.restart();
  io_.run_for(milliseconds(100));
  EXPECT_EQ(route().in_flight, 4U);
  ASSERT_TRUE(run_until_delivered(40));
  expect_topic(40);
}

TEST_F(ForwarderTest, PausedMeansNothingIsSent) {
  start(options());
  forwarder_->pause();
  add(10);
  run_until([] { return false; }, milliseconds(300));
  EXPECT_EQ(route().state, RouteState::paused);
  EXPECT_EQ(log_.cursor("kafka").delivered, 0U);
  forwarder_->resume();
  ASSERT_TRUE(run_until_delivered(10));
}

TEST_F(ForwarderTest, ALimitedRateIsKept) {
  auto with = options();
  with.backlog.max_records_per_s = 50;
  add(100);
  start(with);
  run_until([] { return false; }, milliseconds(500));
  EXPECT_LE(log_.cursor("kafka").delivered, 80U);
  ASSERT_TRUE(run_until_delivered(100));
}

std::string clock_time(std::time_t at) {
  std::tm local{};
  ::localtime_r(&at, &local);
  std::array<char, 8> text{};
  std::strftime(text.data(), text.size(), "%H:%M", &local);
  return text.data();
}

TEST_F(ForwarderTest, InAHeldTimeEverythingIsKeptAndTheStatusSaysUntilWhen) {
  const auto now = std::time(nullptr);
  auto with = options();
  with.backlog.hold = *HoldWindows::parse({clock_time(now - 300) + "-" + clock_time(now + 3600)});
  add(10);
  start(with);
  ASSERT_TRUE(run_until([&] { return route().state == RouteState::holding; }));
  run_until([] { return false; }, seconds(1));
  EXPECT_EQ(log_.cursor("kafka").delivered, 0U);
  EXPECT_EQ(route().waiting, 10U);
  EXPECT_EQ(route().reason, "holding until " + clock_time(now + 3600));
  // The hour passes: the same moment five hours further east.
  ::setenv("TZ", "XXX-5", 1);
  run_until([] { return false; }, milliseconds(1100));
  forwarder_->resume();
  ASSERT_TRUE(run_until_delivered(10));
  ::unsetenv("TZ");
  ::tzset();
  EXPECT_THAT(notices_, testing::Contains(testing::HasSubstr("sending again: 10 records")));
}

TEST_F(ForwarderTest, ADeadLetterIsCopiedToItsTopicWithTheReason) {
  cluster_.create_topic("dead", 1);
  auto with = options();
  with.dead_letter_topic = "dead";
  cluster_.fail_produce({RD_KAFKA_RESP_ERR_INVALID_RECORD});
  add(1);
  start(with);
  ASSERT_TRUE(run_until([&] { return log_.cursor("kafka").dead_lettered == 1; }));
  add(20);
  ASSERT_TRUE(run_until_delivered(20));
  const auto records = read_topic(cluster_.bootstrap_servers(), "dead", 1);
  ASSERT_EQ(records.size(), 1U);
  EXPECT_EQ(records[0].id, log_.id() + "-1");
  EXPECT_EQ(records[0].key, "s0");
  EXPECT_EQ(forwarder_->dead_letter_count(), 1U) << "the one on the card is the one that counts";
}

TEST_F(ForwarderTest, ACompressionThatIsNotTakenIsReplacedByASimplerOne) {
  cluster_.fail_produce(
      {RD_KAFKA_RESP_ERR_UNSUPPORTED_COMPRESSION_TYPE, RD_KAFKA_RESP_ERR_UNSUPPORTED_COMPRESSION_TYPE});
  add(100);
  auto with = options();
  with.properties["compression.type"] = "zstd";
  with.properties["enable.idempotence"] = "false";  // or both answers may meet the first codec
  start(with);
  ASSERT_TRUE(run_until_delivered(100));
  EXPECT_THAT(notices_, testing::IsSupersetOf({testing::HasSubstr("zstd compression: going on with lz4"),
                                               testing::HasSubstr("lz4 compression: going on with gzip")}));
  EXPECT_EQ(log_.cursor("kafka").dead_lettered, 0U);
  expect_topic(100);
}

TEST_F(ForwarderTest, RenewedCertificatesAreTakenUpWithoutLosingOrRepeating) {
  std::filesystem::create_directories(dir_);
  const auto certificate = dir_ / "ca.pem";
  std::ofstream(certificate) << "the first";
  auto with = options();
  with.properties["ssl.ca.location"] = certificate.string();  // watched; the mock cluster speaks no TLS
  start(with);
  add(100);
  ASSERT_TRUE(run_until_delivered(100));
  std::ofstream(certificate) << "the second, renewed";
  const auto is_renewed = [&] {
    add(10);
    return std::any_of(notices_.begin(), notices_.end(),
                       [](const auto& text) { return text.find("were renewed") != std::string::npos; });
  };
  ASSERT_TRUE(run_until(is_renewed));
  add(500);
  ASSERT_TRUE(run_until_delivered(static_cast<std::uint64_t>(added_)));
  EXPECT_EQ(route().resent, 0U);
  expect_topic(static_cast<std::uint64_t>(added_));
}

// On a reload the new forwarder takes over what was paused.
TEST_F(ForwarderTest, PausedBeforeTheStartMeansNothingIsSentEither) {
  add(1000);
  forwarder_ = std::make_unique<Forwarder>(io_, log_, log::system_clock(), options(), ForwarderObserver{});
  forwarder_->pause("kafka");
  forwarder_->start();
  run_until([] { return false; }, milliseconds(500));
  EXPECT_EQ(route().state, RouteState::paused);
  EXPECT_EQ(route().in_flight, 0U);
  EXPECT_EQ(log_.cursor("kafka").delivered, 0U);
  forwarder_->resume();
  ASSERT_TRUE(run_until_delivered(1000));
}

TEST_F(ForwarderTest, OnlineOnlyWithAConfirmedRecordOrNothingToSend) {
  cluster_.set_round_trip_ms(400);
  auto with = options();
  with.properties["statistics.interval.ms"] = "50";  // tells that there is a link
  start(with);
  ASSERT_TRUE(run_until([&] { return route().state == RouteState::online; })) << "nothing is to be sent";
  add(1);
  bool untrue = false;
  ASSERT_TRUE(run_until([&] {
    const auto now = route();
    untrue |= now.state == RouteState::online && now.waiting > 0 && now.delivered == 0;
    return now.delivered == 1;
  }));
  EXPECT_FALSE(untrue);
  EXPECT_EQ(route().state, RouteState::online);
}

// The library itself says so after half a minute.
TEST_F(ForwarderTest, ATopicThatIsMissingIsSaidWithinFiveSecondsAndHealsByItself) {
  cluster_.refuse_topic("t", RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART);
  start(options());
  add(3);
  ASSERT_TRUE(run_until([&] { return route().state == RouteState::blocked; }, seconds(5)))
      << to_string(route().state);
  EXPECT_THAT(route().reason, testing::HasSubstr("create the topic, or correct its name (t)"));
  cluster_.refuse_topic("t", 0);
  ASSERT_TRUE(run_until_delivered(3));
  EXPECT_TRUE(run_until([&] { return route().state == RouteState::online; }, seconds(1)));
}

}  // namespace
}  // namespace weather::bridge
