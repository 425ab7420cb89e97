#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/listener/packets.hpp"

namespace weather::sensors::listener {
namespace {

struct SessionQos2 : testing::Test {
  Limits limits;
  World world;
  TimePoint now{};
  Clients clients{limits, world};
  Peer peer{limits, clients, world, now};

  static std::string persistent() { return connect({.clean = false}); }
  void SetUp() override { peer.send(persistent()); }
  std::size_t stored() const { return world.stored.size(); }
};

TEST_F(SessionQos2, TheFourStepsStoreOnce) {
  EXPECT_EQ(peer.send(publish({.qos = 2, .id = 7})), "");
  EXPECT_EQ(peer.durable(1), pubrec(7));
  EXPECT_EQ(peer.send(pubrel(7)), pubcomp(7));
  EXPECT_EQ(stored(), 1U);
}

TEST_F(SessionQos2, ARepeatBeforePubrelIsAcknowledgedAgainAndNotStored) {
  peer.send(publish({.qos = 2, .id = 7}));
  EXPECT_EQ(peer.send(publish({.qos = 2, .id = 7, .duplicate = true})), "");
  EXPECT_EQ(peer.durable(1), pubrec(7) + pubrec(7));
  EXPECT_EQ(peer.send(publish({.qos = 2, .id = 7, .duplicate = true})), pubrec(7));
  EXPECT_EQ(stored(), 1U);
}

TEST_F(SessionQos2, AfterPubcompTheIdentifierIsANewMessage) {
  peer.send(publish({.qos = 2, .id = 7}));
  peer.durable(1);
  peer.send(pubrel(7));
  peer.send(publish({.qos = 2, .id = 7, .duplicate = true}));
  EXPECT_EQ(stored(), 2U);
}

TEST_F(SessionQos2, ARepeatedPubrelIsCompletedAgain) {
  EXPECT_EQ(peer.send(pubrel(9)), pubcomp(9));
  Peer five(limits, clients, world, now);
  five.send(connect({.level = 5, .client_id = "five"}));
  EXPECT_EQ(five.send(pubrel(9)), bytes({0x70, 3, 0, 9, 0x92}));
}

TEST_F(SessionQos2, AResumedSessionStillKnowsItsIdentifiers) {
  peer.send(publish({.qos = 2, .id = 7}));
  peer.session.on_network_lost(now);
  Peer again(limits, clients, world, now);
  EXPECT_EQ(again.send(persistent()), connack_3_1_1(1));
  EXPECT_EQ(again.send(publish({.qos = 2, .id = 7, .duplicate = true})), "");
  EXPECT_EQ(again.durable(1), pubrec(7));
  EXPECT_EQ(again.send(pubrel(7)), pubcomp(7));
  EXPECT_EQ(stored(), 1U);
}

TEST_F(SessionQos2, ACleanStartForgetsThem) {
  peer.send(publish({.qos = 2, .id = 7}));
  peer.session.on_network_lost(now);
  Peer again(limits, clients, world, now);
  EXPECT_EQ(again.send(connect({.clean = true})), connack_3_1_1(0));
  again.send(publish({.qos = 2, .id = 7, .duplicate = true}));
  EXPECT_EQ(stored(), 2U);
}

TEST_F(SessionQos2, ATakenOverSessionIsContinuedByTheNewConnection) {
  peer.send(publish({.qos = 2, .id = 7}));
  Peer again(limits, clients, world, now);
  EXPECT_EQ(again.send(persistent()), connack_3_1_1(1));
  again.send(publish({.qos = 2, .id = 7, .duplicate = true}));
  EXPECT_EQ(again.durable(1), pubrec(7));
  EXPECT_EQ(stored(), 1U);
}

TEST_F(SessionQos2, MoreIdentifiersThanTheWindowDoNotBlockPubrel) {
  limits.receive_maximum = 2;
  for (int id = 1; id <= 6; ++id) {
    peer.send(publish({.qos = 2, .id = id}));
    EXPECT_EQ(peer.durable(static_cast<Ticket>(id)), pubrec(id));
  }
  EXPECT_EQ(peer.send(pubrel(1)), pubcomp(1));
  EXPECT_EQ(stored(), 6U);
}

TEST_F(SessionQos2, PubcompWaitsUntilTheReleaseIsDurable) {
  peer.send(publish({.qos = 2, .id = 7}));
  EXPECT_EQ(peer.durable(1), pubrec(7));
  world.note_step = 2;
  EXPECT_EQ(peer.send(pubrel(7)), "");
  EXPECT_THAT(world.notes, testing::ElementsAre("roof 7 of record 1"));
  peer.session.on_kept(1);
  EXPECT_EQ(peer.take(), "");
  peer.session.on_kept(2);
  EXPECT_EQ(peer.take(), pubcomp(7));
}

TEST_F(SessionQos2, WhatIsNotCollectedLeavesNothingInTheLog) {
  world.collected_prefix = "weather/";
  EXPECT_EQ(peer.send(publish({.qos = 2, .id = 7, .topic = "other"})), pubrec(7));
  EXPECT_EQ(peer.send(pubrel(7)), pubcomp(7));
  EXPECT_TRUE(world.notes.empty());
}

TEST_F(SessionQos2, TheKeeperIsToldOfASessionThatEndsWithIdentifiers) {
  peer.send(publish({.qos = 2, .id = 7}));
  peer.session.on_network_lost(now);
  Peer again(limits, clients, world, now);
  again.send(connect({.clean = true}));
  EXPECT_THAT(world.ended, testing::ElementsAre("roof 1"));
  again.send(disconnect());  // a clean session without identifiers: nothing to tell
  EXPECT_EQ(world.ended.size(), 1U);
}

TEST_F(SessionQos2, WhatStaysHeldIsToldTheKeeperOnce) {
  peer.send(publish({.qos = 2, .id = 7}) + publish({.qos = 2, .id = 8}));
  const auto hash = world.payload_hash("22.5");
  EXPECT_THAT(clients.report_held(1), testing::ElementsAre(HeldIdentifier{"roof", 7, hash, 1}));
  EXPECT_THAT(clients.report_held(2), testing::ElementsAre(HeldIdentifier{"roof", 8, hash, 2}));
  EXPECT_TRUE(clients.report_held(1000).empty());
}

struct TooManyHeld : SessionQos2 {
  TooManyHeld() { limits.max_held = 3; }
  // Each in its second; what is answered once it is durable.
  std::string publish_at(Peer& to, int id, int second, int level = 4) {
    now = TimePoint(std::chrono::seconds(second));
    PublishWith with{.qos = 2, .id = id};
    if (level == 5) with.properties_list = "";
    const std::string at_once = to.send(publish(with));
    return at_once + to.durable(world.stored.size());
  }
};

TEST_F(TooManyHeld, OfA311ClientTheOldestIsGivenUpOnceItIsOldEnough) {
  for (int id = 1; id <= 3; ++id) EXPECT_EQ(publish_at(peer, id, id), pubrec(id));
  EXPECT_EQ(publish_at(peer, 4, 10), "");
  EXPECT_TRUE(peer.session.stalled());
  EXPECT_TRUE(world.gave_up.empty());
  now = TimePoint(std::chrono::seconds(11));
  peer.session.on_retry(now);
  peer.send("");
  EXPECT_EQ(peer.durable(4), pubrec(4));
  EXPECT_THAT(world.gave_up, testing::ElementsAre("roof 1 of record 1"));
  EXPECT_EQ(clients.held(), 3U);
  EXPECT_EQ(peer.send(pubrel(1)), pubcomp(1));  // late, and answered all the same
}

TEST_F(TooManyHeld, AnMqtt5ClientIsToldAndGoesOn) {
  Peer five(limits, clients, world, now);
  five.send(connect({.level = 5, .clean = false, .client_id = "five"}));
  for (int id = 1; id <= 3; ++id) publish_at(five, id, id, 5);
  EXPECT_EQ(publish_at(five, 4, 1000, 5), bytes({0x50, 3, 0, 4, 0x97}));
  EXPECT_EQ(world.refused_holds, 1);
  EXPECT_EQ(stored(), 3U);
  EXPECT_EQ(five.send(pubrel(1)), pubcomp(1));
  EXPECT_EQ(publish_at(five, 4, 1000, 5), pubrec(4));
}

TEST_F(TooManyHeld, WhatIsNotCollectedCountsToo) {
  world.collected_prefix = "weather/";
  for (int id = 1; id <= 3; ++id) peer.send(publish({.qos = 2, .id = id, .topic = "other"}));
  EXPECT_EQ(peer.send(publish({.qos = 2, .id = 4, .topic = "other"})), "");
  EXPECT_TRUE(peer.session.stalled());
}

TEST_F(TooManyHeld, InAllTheOneThatHoldsTheMostGivesWay) {
  limits.max_held = 100;
  limits.max_held_in_all = 10;
  for (int id = 1; id <= 10; ++id) EXPECT_EQ(publish_at(peer, id, 0), pubrec(id));
  Peer honest(limits, clients, world, now);
  honest.send(connect({.clean = false, .client_id = "honest"}));
  for (int id = 1; id <= 3; ++id) EXPECT_EQ(publish_at(honest, id, 0), pubrec(id));
  EXPECT_FALSE(world.gave_up.empty());
  for (const auto& one : world.gave_up) EXPECT_THAT(one, testing::StartsWith("roof "));
  EXPECT_LE(clients.held(), 10U);
}

struct AfterARestart : SessionQos2 {
  World fresh_world;
  Clients fresh{limits, fresh_world};
  Peer client{limits, fresh, fresh_world, now};

  void restore(const std::string& id, int packet_id, const std::string& payload) {
    fresh.restore_held({id, static_cast<std::uint16_t>(packet_id), fresh_world.payload_hash(payload), 1},
                       true, now);
  }
};

TEST_F(AfterARestart, ARedeliveryOfWhatTheLogHasIsNotStoredAgain) {
  restore("roof", 7, "22.5");
  EXPECT_EQ(client.send(persistent()), connack_3_1_1(1));
  EXPECT_EQ(client.send(publish({.qos = 2, .id = 7, .duplicate = true})), pubrec(7));
  EXPECT_EQ(client.send(pubrel(7)), pubcomp(7));
  EXPECT_TRUE(fresh_world.stored.empty());
}

TEST_F(AfterARestart, ANewPublicationWithAKnownIdentifierIsStored) {
  restore("roof", 7, "22.5");
  client.send(persistent());
  client.send(publish({.qos = 2, .id = 7, .duplicate = false}));
  EXPECT_EQ(fresh_world.stored.size(), 1U);
}

TEST_F(AfterARestart, ARedeliveryOfSomethingElseIsStored) {
  restore("roof", 7, "22.5");
  client.send(persistent());
  client.send(publish({.qos = 2, .id = 7, .duplicate = true, .payload = "23"}));
  EXPECT_EQ(fresh_world.stored.size(), 1U);
}

TEST_F(AfterARestart, TheLogAnswersARedeliveryOnlyOnce) {
  restore("roof", 7, "22.5");
  client.send(persistent());
  client.send(publish({.qos = 2, .id = 7, .duplicate = true}) + pubrel(7));
  client.send(publish({.qos = 2, .id = 7, .duplicate = true}));
  EXPECT_EQ(fresh_world.stored.size(), 1U);
}

TEST_F(AfterARestart, APubrelForWhatWasReleasedBeforeIsCompleted) {
  restore("roof", 7, "22.5");
  client.send(persistent());
  EXPECT_EQ(client.send(pubrel(7)), pubcomp(7));
  client.send(publish({.qos = 2, .id = 7, .duplicate = true}));
  EXPECT_EQ(fresh_world.stored.size(), 1U);
}

TEST_F(AfterARestart, ARedeliveryOfTheSameBytesUnderAReleasedIdentifierIsStored) {
  restore("roof", 7, "22.5");
  fresh.restore_released("roof", 7);
  EXPECT_EQ(client.send(persistent()), connack_3_1_1(1));
  client.send(publish({.qos = 2, .id = 7, .duplicate = true}));
  EXPECT_EQ(fresh_world.stored.size(), 1U);
}

TEST_F(AfterARestart, ASessionThatEndedIsGone) {
  restore("roof", 7, "22.5");
  fresh.restore_forgotten("roof");
  EXPECT_EQ(client.send(persistent()), connack_3_1_1(0));
}

TEST_F(AfterARestart, APublisherOfQos1FindsItsSession) {
  fresh.restore("roof", now);
  EXPECT_EQ(client.send(persistent()), connack_3_1_1(1));
}

}  // namespace
}  // namespace weather::sensors::listener
