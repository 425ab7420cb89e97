// Who gives way among sessions, wills and identifiers, and what is given back.
#include "sensors/listener/clients.hpp"

#include <gtest/gtest.h>

#include "tests/unit/listener/packets.hpp"

namespace weather::sensors::listener {
namespace {

struct SharedClients : testing::Test {
  Limits limits;
  World world;
  TimePoint now = std::chrono::steady_clock::now();
  MemoryBudget memory{1U << 20};
  Clients clients{limits, world, &memory};

  void SetUp() override {
    world.verdict = [](const Credentials& who) {
      return Login{.user = std::string(who.user_name.value_or(""))};
    };
  }
  // The CONNACK's code; the session sleeps afterwards, its will waits if it has one.
  int sleeper(const std::string& user, const std::string& id, std::size_t will_bytes = 0) {
    Peer peer(limits, clients, world, now);
    const auto answer =
        peer.send(connect({.level = 5,
                           .clean = false,
                           .client_id = id,
                           .properties_list = bytes({0x11}) + four(100'000),
                           .will_topic = will_bytes > 0 ? std::optional<std::string>("w") : std::nullopt,
                           .will_payload = std::string(will_bytes, 'w'),
                           .will_properties_list = bytes({0x18}) + four(100'000),
                           .user_name = user}));
    peer.session.on_network_lost(now);
    return static_cast<unsigned char>(answer.at(3));
  }
  bool known(const std::string& id) const { return clients.find(id) != nullptr; }
};

TEST_F(SharedClients, TheUserWithTheMostSessionsGivesWay) {
  limits.max_clients = 100;
  EXPECT_EQ(sleeper("honest", "roof"), 0);
  for (int n = 0; n < 5'000; ++n) ASSERT_EQ(sleeper("hostile", "h" + std::to_string(n)), 0);
  EXPECT_TRUE(known("roof"));  // the oldest of all
  EXPECT_EQ(sleeper("other", "shed"), 0);
  EXPECT_TRUE(known("roof") && known("shed"));
  EXPECT_EQ(clients.size(), 100U);
}

TEST_F(SharedClients, SleepersOfOneUserDoNotTakeTheMemoryOfAnother) {
  limits.max_clients = 1'000'000;
  EXPECT_EQ(sleeper("honest", "roof"), 0);
  for (int n = 0; n < 5'000; ++n) ASSERT_EQ(sleeper("hostile", "h" + std::to_string(n)), 0);
  EXPECT_LE(memory.used(), memory.ceiling(Holder::sessions));
  EXPECT_LT(clients.size(), 1'000U);
  EXPECT_TRUE(known("roof"));
  EXPECT_EQ(sleeper("other", "shed"), 0);
  EXPECT_TRUE(known("roof") && known("shed"));
}

TEST_F(SharedClients, LargeWillsKeepNoSmallOneOut) {
  for (int n = 0; n < 3'000; ++n) (void)sleeper("hostile", "h" + std::to_string(n), 60'000);
  EXPECT_LE(memory.use(Holder::wills).used, memory.ceiling(Holder::wills));
  EXPECT_EQ(sleeper("honest", "roof", 100), 0);
  EXPECT_TRUE(known("roof") && clients.find("roof")->will);
}

TEST_F(SharedClients, AConnectedSessionWithTheLargestWillIsDisconnected) {
  Peer large(limits, clients, world, now);
  large.send(connect({.client_id = "large", .will_topic = "w", .will_payload = std::string(60'000, 'w')}));
  Reservation others(&memory, Holder::kafka_window);
  ASSERT_TRUE(others.resize(memory.ceiling(Holder::wills) - memory.used()));
  Peer small(limits, clients, world, now);
  EXPECT_EQ(small.send(connect({.client_id = "small", .will_topic = "w"})), connack_3_1_1());
  EXPECT_TRUE(large.session.ended());
  EXPECT_EQ(world.away.size(), 1U);  // its will is announced as it always is
}

TEST_F(SharedClients, LargeWillsAreTakenBackWhenHigherRanksNeedTheMemory) {
  Peer large(limits, clients, world, now), small(limits, clients, world, now);
  large.send(connect({.client_id = "large", .will_topic = "w", .will_payload = std::string(60'000, 'w')}));
  small.send(connect({.client_id = "small", .will_topic = "w"}));
  EXPECT_EQ(sleeper("u", "sleeper", 50'000), 0);
  EXPECT_EQ(sleeper("u", "light sleeper", 50), 0);
  clients.on_time(now);
  EXPECT_FALSE(large.session.ended());
  Reservation others(&memory, Holder::kafka_window);
  ASSERT_TRUE(others.resize(memory.shared() - memory.used()));
  clients.on_time(now);
  EXPECT_TRUE(large.session.ended());
  EXPECT_FALSE(known("sleeper"));
  EXPECT_EQ(world.away.size(), 2U);
  EXPECT_FALSE(small.session.ended());
  EXPECT_TRUE(known("light sleeper"));
  EXPECT_LT(memory.use(Holder::wills).used, 2'048U);
}

TEST_F(SharedClients, WithoutMemoryAQos2PublicationIsNeverAcknowledgedUnstored) {
  Peer three(limits, clients, world, now), five(limits, clients, world, now);
  three.send(connect({.client_id = "three"}));
  five.send(connect({.level = 5, .client_id = "five"}));
  Reservation others(&memory, Holder::kafka_window);
  ASSERT_TRUE(others.resize(memory.shared() - memory.used()));
  EXPECT_EQ(three.send(publish({.qos = 2, .id = 1})), "");
  EXPECT_TRUE(three.session.stalled());
  EXPECT_EQ(five.send(publish({.qos = 2, .id = 1, .properties_list = ""})), bytes({0x50, 3, 0, 1, 0x97}));
  EXPECT_TRUE(world.stored.empty());
  others.release();
  three.session.on_retry(now);
  three.send("");
  EXPECT_EQ(three.durable(1), pubrec(1));
  EXPECT_EQ(world.stored.size(), 1U);
}

TEST_F(SharedClients, EverythingIsGivenBack) {
  for (int n = 0; n < 300; ++n)
    (void)sleeper("u" + std::to_string(n % 7), std::to_string(n), n % 3 == 0 ? 900 : 0);
  Peer peer(limits, clients, world, now);
  peer.send(connect({.client_id = "q"}));
  for (int id = 1; id <= 500; ++id) peer.send(publish({.qos = 2, .id = id}));
  EXPECT_GT(memory.use(Holder::unreleased_ids).used, 0U);
  peer.session.on_network_lost(now);
  clients.on_time(now + std::chrono::hours(24 * 8));
  EXPECT_EQ(clients.size(), 0U);
  EXPECT_EQ(memory.used(), peer.session.outgoing().bytes());
}

}  // namespace
}  // namespace weather::sensors::listener
