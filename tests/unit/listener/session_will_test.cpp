#include <gtest/gtest.h>

#include "tests/unit/listener/packets.hpp"

namespace weather::sensors::listener {
namespace {

using std::chrono::seconds;
using Away = std::vector<std::string>;

struct SessionWill : testing::Test {
  Limits limits;
  World world;
  TimePoint now{};
  Clients clients{limits, world};
  Peer peer{limits, clients, world, now};
  const Away roof_is_gone{"roof weather/roof/state offline"};

  static std::string with_will(int level = 4, std::uint32_t delay_s = 0, std::uint32_t expiry_s = 1000,
                               bool clean = false) {
    return connect({.level = level,
                    .clean = clean,
                    .properties_list = bytes({0x11}) + four(expiry_s),
                    .will_topic = "weather/roof/state",
                    .will_properties_list = bytes({0x18}) + four(delay_s)});
  }
};

TEST_F(SessionWill, IsAnnouncedWhenTheNetworkGoesAway) {
  peer.send(with_will());
  EXPECT_TRUE(world.away.empty());
  peer.session.on_network_lost(now);
  EXPECT_EQ(world.away, roof_is_gone);
}

TEST_F(SessionWill, IsDiscardedByADisconnect) {
  peer.send(with_will());
  peer.send(disconnect());
  peer.session.on_network_lost(now);
  EXPECT_TRUE(world.away.empty());
}

TEST_F(SessionWill, IsAnnouncedByADisconnectThatAsksForIt) {
  peer.send(with_will(5));
  peer.send(packet(0xE0, bytes({4})));
  EXPECT_EQ(world.away, roof_is_gone);
}

TEST_F(SessionWill, IsAnnouncedAfterAProtocolErrorAndAfterAKeepAliveTimeout) {
  peer.send(with_will());
  peer.send(publish({.id = 0}));
  EXPECT_EQ(world.away, roof_is_gone);
  Peer silent(limits, clients, world, now);
  silent.send(with_will());
  now += seconds(91);
  silent.session.on_time(now);
  EXPECT_EQ(world.away.size(), 2U);
}

TEST_F(SessionWill, WaitsForItsDelay) {
  peer.send(with_will(5, 10));
  peer.session.on_network_lost(now);
  clients.on_time(now + seconds(9));
  EXPECT_TRUE(world.away.empty());
  clients.on_time(now + seconds(10));
  EXPECT_EQ(world.away, roof_is_gone);
  clients.on_time(now + seconds(11));
  EXPECT_EQ(world.away.size(), 1U);
}

TEST_F(SessionWill, IsForgottenWhenTheClientComesBackWithinTheDelay) {
  peer.send(with_will(5, 10));
  peer.session.on_network_lost(now);
  now += seconds(9);
  Peer again(limits, clients, world, now);
  again.send(connect({.level = 5, .clean = false}));
  clients.on_time(now + seconds(100));
  EXPECT_TRUE(world.away.empty());
}

TEST_F(SessionWill, IsAnnouncedWhenTheSessionEndsBeforeTheDelay) {
  peer.send(with_will(5, 100, 10));
  peer.session.on_network_lost(now);
  clients.on_time(now + seconds(10));
  EXPECT_EQ(world.away, roof_is_gone);
}

TEST_F(SessionWill, IsAnnouncedWhenACleanStartEndsTheSessionItWaitsIn) {
  peer.send(with_will(5, 100));
  peer.session.on_network_lost(now);
  Peer again(limits, clients, world, now);
  again.send(connect({.level = 5, .clean = true}));
  EXPECT_EQ(world.away, roof_is_gone);
}

TEST_F(SessionWill, OfATakenOverConnectionIsAnnouncedUnlessItMayWait) {
  peer.send(with_will(5, 0));
  Peer second(limits, clients, world, now);
  second.send(with_will(5, 50));
  EXPECT_EQ(world.away, roof_is_gone);
  Peer third(limits, clients, world, now);
  third.send(with_will(5, 50));
  EXPECT_EQ(world.away.size(), 1U);
}

TEST_F(SessionWill, OutsideTheUsersTopicsRefusesTheConnection) {
  world.verdict = [](const Credentials&) {
    return Login{.user = "cellar", .topic_prefixes = {"weather/cellar/"}};
  };
  EXPECT_EQ(peer.send(with_will()), connack_3_1_1(0, 5));
  EXPECT_TRUE(peer.session.ended());
}

}  // namespace
}  // namespace weather::sensors::listener
