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
  world.note_ticket = 2;
  EXPECT_EQ(peer.send(pubrel(7)), "");
  EXPECT_THAT(world.notes, testing::ElementsAre("roof 7 released"));
  EXPECT_EQ(peer.durable(2), pubcomp(7));
}

TEST_F(SessionQos2, AReleaseThatTheLogDoesNotTakeIsNotCompleted) {
  peer.send(publish({.qos = 2, .id = 7}));
  peer.durable(1);
  world.refuse = true;
  EXPECT_EQ(peer.send(pubrel(7)), "");
  EXPECT_TRUE(peer.session.stalled());
  world.refuse = false;
  peer.session.on_retry(now);
  EXPECT_EQ(peer.send(""), pubcomp(7));
}

TEST_F(SessionQos2, WhatIsNotCollectedLeavesNothingInTheLog) {
  world.collected_prefix = "weather/";
  EXPECT_EQ(peer.send(publish({.qos = 2, .id = 7, .topic = "other"})), pubrec(7));
  EXPECT_EQ(peer.send(pubrel(7)), pubcomp(7));
  EXPECT_TRUE(world.notes.empty());
}

TEST_F(SessionQos2, TheLogIsToldOfASessionThatEndsWithIdentifiers) {
  peer.send(publish({.qos = 2, .id = 7}));
  peer.session.on_network_lost(now);
  Peer again(limits, clients, world, now);
  again.send(connect({.clean = true}));
  EXPECT_THAT(world.ended, testing::ElementsAre("roof"));
  again.send(disconnect());  // a clean session without identifiers: nothing to tell
  EXPECT_EQ(world.ended.size(), 1U);
}

TEST_F(SessionQos2, AnIdentifierThatStaysUnreleasedIsToldAgain) {
  peer.send(publish({.qos = 2, .id = 7}) + publish({.qos = 2, .id = 8}));
  std::vector<std::string> told;
  const auto tell = [&](const std::string& client, std::uint16_t id, std::uint64_t) -> Ticket {
    told.push_back(client + " " + std::to_string(id));
    return 100;
  };
  clients.tell_again(1, tell);  // 8 is told by record 2
  EXPECT_THAT(told, testing::ElementsAre("roof 7"));
  clients.tell_again(50, tell);
  EXPECT_THAT(told, testing::ElementsAre("roof 7", "roof 8"));
  clients.tell_again(99, tell);
  EXPECT_EQ(told.size(), 2U);
}

struct AfterARestart : SessionQos2 {
  World fresh_world;
  Clients fresh{limits, fresh_world};
  Peer client{limits, fresh, fresh_world, now};

  void restore(const std::string& id, int packet_id, const std::string& payload) {
    fresh.restore_held(id, static_cast<std::uint16_t>(packet_id), {0, fresh_world.payload_hash(payload), 1},
                       now);
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
