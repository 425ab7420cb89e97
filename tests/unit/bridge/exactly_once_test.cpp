// Transactions against the mock cluster. It keeps aborted records visible, so that those paths are proven
// against a real broker in tests/integration.
#include "bridge/core/transactions.hpp"
#include "tests/unit/bridge/forwarder_bed.hpp"

namespace weather::bridge {
namespace {

class ExactlyOnceTest : public ForwarderTest {
 protected:
  void SetUp() override {
    ForwarderTest::SetUp();
    cluster_.create_topic("weather-gateway-cursors", 1);
  }

  ForwarderOptions transactional() {
    auto with = options();
    with.delivery = Delivery::exactly_once;
    with.window_records = 40;
    return with;
  }
};

TEST_F(ExactlyOnceTest, TheCursorIsCommittedWithTheRecords) {
  add(100);
  start(transactional());
  ASSERT_TRUE(run_until_delivered(100));
  EXPECT_EQ(log_.cursor("kafka").next, 101U);
  EXPECT_EQ(read_topic(cluster_.bootstrap_servers(), "t", 100).size(), 100U);
  const auto cursors = read_topic(cluster_.bootstrap_servers(), "weather-gateway-cursors", 1);
  ASSERT_FALSE(cursors.empty());
  EXPECT_EQ(cursors.back().key, "pi/kafka");
  const auto stored = read_cursor(cursors.back().value);
  ASSERT_TRUE(stored);
  EXPECT_EQ(stored->log_id, log_.id());
  EXPECT_EQ(stored->cursor.next, 101U);
  EXPECT_EQ(stored->cursor.delivered, 100U);
}

TEST_F(ExactlyOnceTest, AfterACrashTheCommittedCursorWinsOverAnOlderLocalOne) {
  add(50);
  start(transactional());
  ASSERT_TRUE(run_until_delivered(50));
  stop();
  log_.advance("kafka", {10, 9, 0, 0});  // what the card still had
  add(5);
  start(transactional());
  ASSERT_TRUE(run_until_delivered(55));
  EXPECT_EQ(read_topic(cluster_.bootstrap_servers(), "t", 55).size(), 55U) << "nothing twice";
}

TEST_F(ExactlyOnceTest, ALaterLocalCursorWinsOverTheCommittedOne) {
  add(50);
  start(transactional());
  ASSERT_TRUE(run_until_delivered(50));
  stop();
  // Records that need no transaction (dead letters, what the route does not take) move the local one only.
  add(10);
  log_.advance("kafka", {.next = 58, .delivered = 50, .dead_lettered = 7});
  start(transactional());
  ASSERT_TRUE(run_until([&] { return log_.cursor("kafka").next == 61; }));
  EXPECT_EQ(log_.cursor("kafka").delivered, 53U);
  std::set<std::uint64_t> seen;
  for (const auto& record : read_topic(cluster_.bootstrap_servers(), "t", 53))
    EXPECT_TRUE(seen.insert(record.sequence).second) << record.sequence << " twice";
  EXPECT_EQ(seen.size(), 53U);
  EXPECT_EQ(seen.count(51), 0U);
  EXPECT_EQ(seen.count(58), 1U);
}

TEST_F(ExactlyOnceTest, AnOlderCopyOfTheLogIsNotContinued) {
  add(50);
  start(transactional());
  ASSERT_TRUE(run_until_delivered(50));
  stop();
  FakeLog copy;  // the same id, fewer records
  for (int i = 0; i < 20; ++i) copy.add(reading("s", i));
  forwarder_ =
      std::make_unique<Forwarder>(io_, copy, log::system_clock(), transactional(), ForwarderObserver{});
  forwarder_->start();
  ASSERT_TRUE(run_until([&] { return route().state == RouteState::blocked; }));
  EXPECT_THAT(route().reason,
              testing::HasSubstr("is an older copy: Kafka has its records up to 50, here they end at 20"));
  stop();
}

TEST_F(ExactlyOnceTest, DeadLettersAndReplaysGoBesideTheTransactions) {
  add(5);
  start(transactional());
  ASSERT_TRUE(run_until_delivered(5));
  cluster_.create_topic("again", 1);
  std::string why = "none yet";
  std::uint64_t count = 0;
  forwarder_->replay("kafka", 1, 6, "again", [&](std::uint64_t delivered, std::string text) {
    count = delivered;
    why = std::move(text);
  });
  ASSERT_TRUE(run_until([&] { return why != "none yet"; }));
  EXPECT_EQ(why, "");
  EXPECT_EQ(count, 5U);
  const auto records = read_topic(cluster_.bootstrap_servers(), "again", 5);
  ASSERT_EQ(records.size(), 5U);
  EXPECT_EQ(records[2].id, log_.id() + "-3");
}

TEST_F(ExactlyOnceTest, EachPlaceOfATransactionComesOnceAndInOrder) {
  auto with = transactional();
  std::vector<std::string> places;
  with.at_place = [&](std::string_view place, log::Log&) { places.emplace_back(place); };
  add(4);  // one of each sensor: a second one would wait for the first
  start(with);
  ASSERT_TRUE(run_until_delivered(4));
  EXPECT_THAT(places, testing::ElementsAre("transaction_begun", "records_acknowledged", "cursor_produced",
                                           "committing", "committed", "cursor_moved"));
}

// Of each class: what a transaction holds is sent again as a whole, once it is aborted.
class RefusedInATransaction : public ExactlyOnceTest, public testing::WithParamInterface<int> {};

TEST_P(RefusedInATransaction, EverythingGetsItsFateAndTheStatusIsOnline) {
  auto with = transactional();
  with.properties["linger.ms"] = "50";
  start(with);
  add(8);
  ASSERT_TRUE(run_until_delivered(8));
  cluster_.fail_produce(std::vector<int>(2, GetParam()));
  add(40);
  ASSERT_TRUE(run_until([&] {
    if (route().state == RouteState::blocked) forwarder_->retry_now();
    return log_.cursor("kafka").next == 49;
  })) << to_string(route().state)
      << ": " << route().reason << ", last error " << route().last_error;
  EXPECT_TRUE(run_until([&] { return route().state == RouteState::online; }, seconds(1)));
  const auto cursor = log_.cursor("kafka");
  EXPECT_EQ(cursor.delivered + cursor.dead_lettered, 48U);
  EXPECT_LE(cursor.dead_lettered, 2U);
  EXPECT_THAT(notices_, testing::Not(testing::Contains(testing::HasSubstr("without idempotence"))));
  add(10);
  EXPECT_TRUE(run_until([&] { return log_.cursor("kafka").next == 59; }));
}

INSTANTIATE_TEST_SUITE_P(
    ExactlyOnceTest, RefusedInATransaction,
    testing::Values(RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE, RD_KAFKA_RESP_ERR_INVALID_RECORD,
                    RD_KAFKA_RESP_ERR_INVALID_TIMESTAMP, RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED,
                    RD_KAFKA_RESP_ERR_OUT_OF_ORDER_SEQUENCE_NUMBER),
    [](const auto& chosen) { return rd_kafka_err2name(static_cast<rd_kafka_resp_err_t>(chosen.param)); });

TEST(StoredCursor, SurvivesItsJson) {
  const StoredCursor stored{"abc", {18'446'744'073'709'551'615ULL, 2, 3, 4}};
  const auto back = read_cursor(write_cursor(stored));
  ASSERT_TRUE(back);
  EXPECT_EQ(back->log_id, "abc");
  EXPECT_EQ(back->cursor, stored.cursor);
  EXPECT_FALSE(read_cursor("{}"));
  EXPECT_FALSE(read_cursor("[1"));
  EXPECT_FALSE(read_cursor(R"({"log_id":"a","next":-1,"delivered":0,"dead_lettered":0,"dropped":0})"));
}

}  // namespace
}  // namespace weather::bridge
