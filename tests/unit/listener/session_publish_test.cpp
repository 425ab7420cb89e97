#include <gtest/gtest.h>

#include "tests/unit/listener/packets.hpp"

namespace weather::sensors::listener {
namespace {

struct SessionPublish : testing::Test {
  Limits limits;
  World world;
  TimePoint now{};
  Clients clients{limits, world};
  Peer three{limits, clients, world, now};
  Peer five{limits, clients, world, now};

  void SetUp() override {
    three.send(connect({.client_id = "three"}));
    five.send(connect({.level = 5, .client_id = "five"}));
  }
};

TEST_F(SessionPublish, Qos0IsStoredAndNotAnswered) {
  EXPECT_EQ(three.send(publish({.qos = 0})), "");
  ASSERT_EQ(world.stored.size(), 1U);
  EXPECT_EQ(world.stored[0].topic, "weather/roof");
  EXPECT_EQ(world.stored[0].payload, "22.5");
  EXPECT_EQ(world.stored[0].client_id, "three");
}

TEST_F(SessionPublish, Qos1IsAcknowledgedOnlyWhenDurable) {
  EXPECT_EQ(three.send(publish({.id = 300})), "");
  EXPECT_EQ(three.durable(0), "");
  EXPECT_EQ(three.durable(1), puback(300));
  EXPECT_EQ(three.durable(2), "");
}

TEST_F(SessionPublish, OneNotificationReleasesEveryAcknowledgementItCoversInOrder) {
  EXPECT_EQ(three.send(publish({.id = 3}) + publish({.id = 1}) + publish({.id = 2})), "");
  EXPECT_EQ(three.durable(2), puback(3) + puback(1));
  EXPECT_EQ(three.durable(3), puback(2));
}

TEST_F(SessionPublish, ARedeliveryIsStoredAgainAndMarked) {
  three.send(publish({.id = 1, .duplicate = true}));
  ASSERT_EQ(world.stored.size(), 1U);
  EXPECT_TRUE(world.stored[0].duplicate);
}

TEST_F(SessionPublish, AnIdentifierMayBeUsedAgainAfterItsAcknowledgement) {
  three.send(publish({.id = 1}));
  EXPECT_EQ(three.durable(1), puback(1));
  three.send(publish({.id = 1, .payload = "23"}));
  EXPECT_EQ(three.durable(2), puback(1));
  EXPECT_EQ(world.stored.size(), 2U);
}

TEST_F(SessionPublish, ARefusingSinkIsNeverAcknowledgedAndTheMessageStays) {
  world.refuse = true;
  EXPECT_EQ(three.send(publish({.id = 1}) + publish({.id = 2})), "");
  EXPECT_TRUE(three.session.stalled());
  EXPECT_TRUE(three.session.waiting());
  EXPECT_EQ(three.durable(100), "");
  world.refuse = false;
  three.session.on_retry(now);
  EXPECT_EQ(three.send(""), puback(1) + puback(2));  // 100 was durable already
  EXPECT_EQ(world.stored.size(), 2U);
}

TEST_F(SessionPublish, AStalledConnectionDoesNotTimeOut) {
  world.refuse = true;
  three.send(publish({.id = 1}));
  now += std::chrono::hours(1);
  three.session.on_time(now);
  EXPECT_TRUE(three.session.connected());
  three.session.on_retry(now);
  three.session.on_time(now);
  EXPECT_TRUE(three.session.connected());
}

TEST_F(SessionPublish, AFullWindowOfA311ClientStopsReadingUntilSomethingIsDurable) {
  limits.receive_maximum = 2;
  three.send(publish({.id = 1}) + publish({.id = 2}) + publish({.id = 3}));
  EXPECT_EQ(world.stored.size(), 2U);
  EXPECT_TRUE(three.session.waiting());
  EXPECT_EQ(three.durable(1), puback(1));
  EXPECT_EQ(world.stored.size(), 3U);
  EXPECT_FALSE(three.session.waiting());
}

TEST_F(SessionPublish, AnMqtt5ClientIsHeldToReceiveMaximum) {
  limits.receive_maximum = 2;
  Peer other(limits, clients, world, now);
  EXPECT_NE(other.send(connect({.level = 5, .client_id = "other"})).find(bytes({0x21, 0, 2})),
            std::string::npos);
  other.send(publish({.id = 1, .properties_list = ""}) + publish({.qos = 2, .id = 2, .properties_list = ""}));
  EXPECT_EQ(other.durable(2), puback(1) + pubrec(2));
  EXPECT_EQ(other.send(publish({.id = 3, .properties_list = ""})), "");  // one in flight: the QoS 2 one
  EXPECT_EQ(other.send(publish({.id = 4, .properties_list = ""})).substr(2, 1), bytes({0x93}));
  EXPECT_TRUE(other.session.ended());
  EXPECT_EQ(world.stored.size(), 3U);
}

TEST_F(SessionPublish, ATopicAliasStandsForItsTopicOnThisConnectionOnly) {
  const std::string alias = bytes({0x23}) + two(4);
  five.send(publish({.qos = 0, .topic = "weather/roof", .properties_list = alias}) +
            publish({.qos = 0, .topic = "", .properties_list = alias}) +
            publish({.qos = 0, .topic = "weather/cellar", .properties_list = alias}) +
            publish({.qos = 0, .topic = "", .properties_list = alias}));
  ASSERT_EQ(world.stored.size(), 4U);
  EXPECT_EQ(world.stored[1].topic, "weather/roof");
  EXPECT_EQ(world.stored[3].topic, "weather/cellar");
  Peer again(limits, clients, world, now);
  again.send(connect({.level = 5, .clean = false, .client_id = "five"}));
  EXPECT_EQ(again.send(publish({.qos = 0, .topic = "", .properties_list = alias})).substr(2, 1),
            bytes({0x82}));
}

TEST_F(SessionPublish, EveryAliasUpToTheMaximumIsTakenAndNoneAbove) {
  for (int alias = 1; alias <= limits.topic_alias_maximum; ++alias) {
    five.send(publish({.qos = 0, .properties_list = bytes({0x23}) + two(alias)}));
  }
  EXPECT_EQ(world.stored.size(), limits.topic_alias_maximum);
  EXPECT_EQ(five.send(publish({.qos = 0, .properties_list = bytes({0x23}) + two(17)})).substr(2, 1),
            bytes({0x94}));
}

TEST_F(SessionPublish, APacketAboveTheMaximumIsRefusedBeforeItIsBuffered) {
  limits.max_packet_bytes = 100;
  EXPECT_EQ(five.send(bytes({0x32, 0xFF, 0x01})).substr(2, 1), bytes({0x95}));
  EXPECT_EQ(three.send(bytes({0x32, 0xFF, 0x01})), "");
  EXPECT_TRUE(three.session.ended() && five.session.ended());
}

TEST_F(SessionPublish, AMalformedPublicationClosesAndStoresNothing) {
  EXPECT_EQ(five.send(publish({.qos = 3, .properties_list = ""})).substr(2, 1), bytes({0x81}));
  EXPECT_EQ(three.send(publish({.id = 0})), "");
  EXPECT_TRUE(three.session.ended());
  EXPECT_TRUE(world.stored.empty());
}

TEST_F(SessionPublish, ATopicNobodyCollectsIsAcknowledgedAndNotStored) {
  world.collected_prefix = "weather/";
  EXPECT_EQ(five.send(publish({.id = 5, .topic = "$SYS/broker", .properties_list = ""})),
            bytes({0x40, 3, 0, 5, 0x10}));
  EXPECT_EQ(three.send(publish({.id = 5, .topic = "$SYS/broker"})), puback(5));
  EXPECT_EQ(five.send(publish({.qos = 2, .id = 6, .topic = "x", .properties_list = ""})),
            bytes({0x50, 3, 0, 6, 0x10}));
  EXPECT_EQ(five.send(pubrel(6)), pubcomp(6));
  EXPECT_TRUE(world.stored.empty());
}

TEST_F(SessionPublish, APublicationOutsideTheUsersTopicsIsRefused) {
  world.verdict = [](const Credentials&) {
    return Login{.user = "roof", .topic_prefixes = {"weather/roof"}};
  };
  Peer roof(limits, clients, world, now);
  roof.send(connect({.level = 5, .client_id = "r5"}));
  EXPECT_EQ(roof.send(publish({.id = 7, .topic = "weather/cellar/t", .properties_list = ""})),
            bytes({0x40, 3, 0, 7, 0x87}));
  EXPECT_EQ(roof.send(publish({.qos = 2, .id = 8, .topic = "weather/cellar/t", .properties_list = ""})),
            bytes({0x50, 3, 0, 8, 0x87}));
  EXPECT_EQ(roof.send(publish({.id = 7, .topic = "weather/roofs", .properties_list = ""})),
            bytes({0x40, 3, 0, 7, 0x87}));
  roof.send(publish({.id = 9, .topic = "weather/roof/t", .properties_list = ""}));
  roof.send(
      publish({.qos = 2, .id = 8, .topic = "weather/roof/t", .properties_list = ""}));  // 8 was free again
  EXPECT_EQ(world.stored.size(), 2U);
  Peer old(limits, clients, world, now);
  old.send(connect({.client_id = "r3"}));
  EXPECT_EQ(old.send(publish({.id = 3, .topic = "weather/cellar/t"})), puback(3)) << "as by other brokers";
  EXPECT_EQ(old.send(publish({.qos = 2, .id = 4, .topic = "weather/cellar/t"})), bytes({0x50, 2, 0, 4}));
  EXPECT_EQ(old.send(pubrel(4)), pubcomp(4));
  EXPECT_EQ(old.send(publish({.qos = 0, .topic = "weather/cellar/t"})), "");
  EXPECT_FALSE(old.session.ended());
  EXPECT_EQ(world.stored.size(), 2U);
  EXPECT_EQ(world.not_allowed.size(), 6U);
  EXPECT_EQ(world.not_allowed.back(), "roof weather/cellar/t");
}

TEST_F(SessionPublish, AReadingOfAnothersSensorIsRefusedForGood) {
  world.foreign = true;
  EXPECT_EQ(five.send(publish({.id = 7, .properties_list = ""})), bytes({0x40, 3, 0, 7, 0x87}));
  EXPECT_EQ(five.send(publish({.qos = 2, .id = 8, .properties_list = ""})), bytes({0x50, 3, 0, 8, 0x87}));
  EXPECT_EQ(three.send(publish({.id = 7})), puback(7));
  EXPECT_FALSE(three.session.stalled() || five.session.stalled());
  world.foreign = false;
  three.send(publish({.id = 9}));
  EXPECT_EQ(world.stored.size(), 1U) << "and the next is taken";
}

TEST_F(SessionPublish, TraceContextIsPassedOn) {
  five.send(publish({.properties_list = bytes({0x26}) + text("traceparent") + text("00-1-2-01")}));
  EXPECT_EQ(world.stored.at(0).traceparent, "00-1-2-01");
}

TEST_F(SessionPublish, BytesMayArriveOneByOne) {
  std::string answer;
  for (const char byte :
       publish({.id = 1}) + publish({.id = 2, .payload = std::string(300, 'x')}) + pingreq()) {
    answer += three.send(std::string(1, byte));
  }
  EXPECT_EQ(world.stored.size(), 2U);
  EXPECT_EQ(answer, bytes({0xD0, 0}));
}

}  // namespace
}  // namespace weather::sensors::listener
