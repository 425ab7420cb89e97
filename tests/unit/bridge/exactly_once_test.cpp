// Transactions against the mock cluster. It keeps aborted records visible, so that those paths are proven
// against a real broker in tests/integration.
#include "bridge/transactions.hpp"
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
