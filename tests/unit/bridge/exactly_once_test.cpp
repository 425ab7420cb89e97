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
