#include <gtest/gtest.h>

#include "tests/unit/listener/packets.hpp"

namespace weather::sensors::listener {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

struct SessionConnect : testing::Test {
  Limits limits;
  World world;
  TimePoint now{};
  Clients clients{limits, world};
  Peer peer{limits, clients, world, now};

  std::string answer(const std::string& first_packet) {
    Peer other(limits, clients, world, now);
    std::string out = other.send(first_packet);
    EXPECT_TRUE(other.session.ended());
    return out;
  }
};

TEST_F(SessionConnect, AnswersCleanConnectsOfBothVersions) {
  EXPECT_EQ(peer.send(connect()), connack_3_1_1());
  EXPECT_TRUE(peer.session.connected());
  Peer five(limits, clients, world, now);
  const std::string out = five.send(connect({.level = 5, .client_id = "five"}));
  EXPECT_EQ(out.substr(0, 1), bytes({0x20}));
  EXPECT_EQ(out.substr(2, 2), bytes({0, 0}));
}

TEST_F(SessionConnect, AnythingElseFirstClosesWithoutAnAnswer) {
  EXPECT_EQ(answer(publish()), "");
  EXPECT_EQ(answer(pingreq()), "");
  EXPECT_EQ(answer(disconnect()), "");
  EXPECT_EQ(answer("GET / HTTP/1.1\r\n\r\n"), "");
}

TEST_F(SessionConnect, ASecondConnectIsAProtocolError) {
  peer.send(connect());
  EXPECT_EQ(peer.send(connect()), "");
  EXPECT_TRUE(peer.session.ended());
  Peer five(limits, clients, world, now);
  five.send(connect({.level = 5, .client_id = "five"}));
  EXPECT_EQ(five.send(connect({.level = 5})).substr(0, 3), bytes({0xE0, 21, 0x82}));
}

TEST_F(SessionConnect, ForeignProtocolVersionsGetTheAnswerTheyCanRead) {
  EXPECT_EQ(answer(packet(0x10, text("MQIsdp") + bytes({3, 2}) + two(60) + text("id"))), connack_3_1_1(0, 1));
  EXPECT_EQ(answer(packet(0x10, text("MQTT") + bytes({0x84, 2}) + two(60) + text("id"))),
            bytes({0x20, 2, 0, 1}));
  EXPECT_EQ(answer(packet(0x10, text("MQTT") + bytes({6, 2}) + two(60) + text("id"))),
            bytes({0x20, 3, 0, 0x84, 0}));
  EXPECT_EQ(answer(packet(0x10, text("MQTT") + bytes({2, 2}) + two(60) + text("id"))), connack_3_1_1(0, 1));
  EXPECT_EQ(answer(packet(0x10, text("AMQP") + bytes({4, 2}) + two(60) + text("id"))), "");
}

TEST_F(SessionConnect, AMalformedConnectIsNamedInMqtt5AndClosedIn311) {
  EXPECT_EQ(answer(connect({.level = 4, .extra_flags = 1})), "");
  EXPECT_EQ(answer(connect({.level = 5, .extra_flags = 1})).substr(2, 2), bytes({0, 0x81}));
  EXPECT_EQ(answer(connect({.level = 5, .properties_list = bytes({0x21, 0, 0})})).substr(2, 2),
            bytes({0, 0x82}));
}

TEST_F(SessionConnect, EnhancedAuthenticationIsRefused) {
  EXPECT_EQ(
      answer(connect({.level = 5, .properties_list = bytes({0x15}) + text("SCRAM-SHA-256")})).substr(2, 2),
      bytes({0, 0x8C}));
  peer.send(connect({.level = 5}));
  EXPECT_EQ(peer.send(bytes({0xF0, 0})).substr(2, 1), bytes({0x82}));
}

TEST_F(SessionConnect, WrongCredentialsGetTheCodeOfTheirVersion) {
  world.verdict = [](const Credentials&) { return Login{.reason = Reason::bad_user_name_or_password}; };
  EXPECT_EQ(answer(connect({.user_name = "u", .password = "wrong"})), connack_3_1_1(0, 4));
  EXPECT_EQ(answer(connect({.level = 5, .user_name = "u", .password = "wrong"})).substr(2, 2),
            bytes({0, 0x86}));
  EXPECT_EQ(world.logins.front(), "u:wrong");
}

TEST_F(SessionConnect, NothingIsProcessedAfterARefusal) {
  world.verdict = [](const Credentials&) { return Login{.reason = Reason::not_authorized}; };
  EXPECT_EQ(peer.send(connect() + publish()), connack_3_1_1(0, 5));
  EXPECT_EQ(peer.send(publish()), "");
  EXPECT_TRUE(world.stored.empty());
}

TEST_F(SessionConnect, WaitsForALateVerdictAndKeepsWhatTheClientSentMeanwhile) {
  world.verdict = [](const Credentials&) { return std::nullopt; };
  EXPECT_EQ(peer.send(connect() + publish()), "");
  EXPECT_TRUE(peer.session.waiting());
  EXPECT_EQ(peer.send(pingreq()), "");
  peer.session.on_login(Login{.user = "roof"}, now);
  EXPECT_EQ(peer.send(""), connack_3_1_1() + bytes({0xD0, 0}));
  EXPECT_EQ(world.stored.size(), 1U);
  EXPECT_EQ(world.logins.size(), 1U);
}

TEST_F(SessionConnect, AnEmptyClientIdentifierIsAssignedOneWhereTheSpecificationAllows) {
  EXPECT_EQ(answer(connect({.clean = false, .client_id = ""})), connack_3_1_1(0, 2));
  EXPECT_EQ(peer.send(connect({.client_id = ""})), connack_3_1_1());
  EXPECT_EQ(peer.session.client_id(), "auto-1");
  Peer five(limits, clients, world, now);
  EXPECT_NE(five.send(connect({.level = 5, .clean = false, .client_id = ""})).find("auto-2"),
            std::string::npos);
}

TEST_F(SessionConnect, ALongClientIdentifierIsRefusedAnd23CharactersAreNot) {
  EXPECT_EQ(answer(connect({.client_id = std::string(129, 'x')})), connack_3_1_1(0, 2));
  EXPECT_EQ(answer(connect({.level = 5, .client_id = std::string(129, 'x')})).substr(2, 2), bytes({0, 0x85}));
  EXPECT_EQ(peer.send(connect({.client_id = "0123456789abcdefghijABC"})), connack_3_1_1());
}

TEST_F(SessionConnect, SessionPresentTellsWhetherStateWasKept) {
  peer.send(connect({.clean = false}));
  peer.session.on_network_lost(now);
  Peer again(limits, clients, world, now);
  EXPECT_EQ(again.send(connect({.clean = false})), connack_3_1_1(1));
  again.send(disconnect());
  Peer clean(limits, clients, world, now);
  EXPECT_EQ(clean.send(connect({.clean = true})), connack_3_1_1(0));
  clean.send(disconnect());
  Peer after(limits, clients, world, now);
  EXPECT_EQ(after.send(connect({.clean = false})), connack_3_1_1(0));
}

TEST_F(SessionConnect, ASessionEndsWhenItsExpiryHasPassed) {
  const auto with_expiry = [&](std::uint32_t expiry_s) {
    return connect({.level = 5, .clean = false, .properties_list = bytes({0x11}) + four(expiry_s)});
  };
  peer.send(with_expiry(10));
  peer.session.on_network_lost(now);
  now += seconds(9);
  Peer in_time(limits, clients, world, now);
  EXPECT_EQ(in_time.send(with_expiry(10))[2], 1);
  in_time.session.on_network_lost(now);
  now += seconds(10);
  Peer too_late(limits, clients, world, now);
  EXPECT_EQ(too_late.send(with_expiry(10))[2], 0);
}

TEST_F(SessionConnect, ACappedSessionExpiryIsTold) {
  limits.max_session_expiry_s = 60;
  const std::string out = peer.send(connect({.level = 5, .properties_list = bytes({0x11}) + four(61)}));
  EXPECT_NE(out.find(bytes({0x11}) + four(60)), std::string::npos);
}

TEST_F(SessionConnect, DisconnectMayShortenTheSessionButNotReviveOne) {
  peer.send(connect({.level = 5, .properties_list = bytes({0x11}) + four(100)}));
  peer.send(packet(0xE0, bytes({0, 5, 0x11}) + four(0)));
  EXPECT_EQ(clients.size(), 0U);
  Peer other(limits, clients, world, now);
  other.send(connect({.level = 5}));
  EXPECT_EQ(other.send(packet(0xE0, bytes({0, 5, 0x11}) + four(9))).substr(2, 1), bytes({0x82}));
}

TEST_F(SessionConnect, ANewConnectionTakesTheClientIdentifierOver) {
  peer.send(connect({.level = 5, .clean = false, .properties_list = bytes({0x11}) + four(100)}));
  Peer second(limits, clients, world, now);
  EXPECT_EQ(second.send(connect({.clean = false})), connack_3_1_1(1));
  EXPECT_EQ(peer.take().substr(2, 1), bytes({0x8E}));
  EXPECT_TRUE(peer.session.ended());
  peer.session.on_network_lost(now);
  EXPECT_EQ(clients.size(), 1U);
  EXPECT_EQ(second.send(pingreq()), bytes({0xD0, 0}));
}

TEST_F(SessionConnect, AnotherUserCannotTakeAClientIdentifierOver) {
  world.verdict = [](const Credentials& credentials) {
    return Login{.user = std::string(*credentials.user_name)};
  };
  peer.send(connect({.user_name = "roof"}));
  EXPECT_EQ(answer(connect({.user_name = "cellar"})), connack_3_1_1(0, 2));
  EXPECT_EQ(answer(connect({.level = 5, .user_name = "cellar"})).substr(2, 2), bytes({0, 0x85}));
  EXPECT_TRUE(peer.session.connected());
}

TEST_F(SessionConnect, TooManySessionsAreRefusedAsBusy) {
  limits.max_clients = 1;
  peer.send(connect());
  EXPECT_EQ(answer(connect({.client_id = "other"})), connack_3_1_1(0, 3));
  EXPECT_EQ(answer(connect({.level = 5, .client_id = "other"})).substr(2, 2), bytes({0, 0x89}));
}

TEST_F(SessionConnect, ASleepingSessionGivesWayToANewOne) {
  limits.max_clients = 3;
  const auto id = [](int n) { return "s" + std::to_string(n); };
  for (int n = 0; n < 10'000; ++n) {
    Peer sleeper(limits, clients, world, now);
    ASSERT_EQ(sleeper.send(connect({.clean = false, .client_id = id(n)})), connack_3_1_1());
    sleeper.send(disconnect());
  }
  EXPECT_EQ(clients.size(), 3U);
  EXPECT_NE(clients.find(id(9'999)), nullptr);
  EXPECT_EQ(clients.find(id(9'996)), nullptr);  // the oldest went
}

// No answer at all is larger than the client's maximum: of every kind, at every maximum.
TEST_F(SessionConnect, NothingIsLargerThanTheClientsMaximumPacketSize) {
  const auto list = std::optional<std::string>("");
  const std::string filters =
      packet(0x82, two(1) + bytes({0}) + text("a") + bytes({0}) + text("b") + bytes({0}));
  const std::string nothing = packet(0xA2, two(1) + bytes({0}) + text("a") + text("b"));
  const std::vector<std::string> attacks{
      pingreq(),
      filters,
      nothing,
      pubrel(77),
      packet(0x50, two(3)),
      publish({.id = 5, .topic = "elsewhere", .properties_list = list}),
      publish({.qos = 2, .id = 5, .properties_list = list}) + pubrel(5),
      publish({.qos = 3, .properties_list = list}),
      connect({.level = 5}),
  };
  world.collected_prefix = "weather/";
  for (std::uint32_t most = 1; most <= 64; ++most) {
    for (const auto& client_id : {std::string("roof"), std::string()}) {
      for (const auto& attack : attacks) {
        for (const bool right : {true, false}) {
          world.verdict = [right](const Credentials&) {
            return Login{.reason = right ? Reason::success : Reason::not_authorized};
          };
          Peer small(limits, clients, world, now);
          std::string said = small.send(
              connect({.level = 5, .client_id = client_id, .properties_list = bytes({0x27}) + four(most)}));
          said += small.send(attack) + small.durable(1'000);
          small.session.end(Reason::server_shutting_down, "a sentence that says why at some length", now);
          said += small.take();
          for (std::size_t at = 0; at < said.size();) {
            const std::size_t size = 2 + static_cast<unsigned char>(said[at + 1]);
            ASSERT_LE(size, most) << "type " << (static_cast<unsigned char>(said[at]) >> 4);
            at += size;
          }
          small.session.on_network_lost(now);
        }
      }
    }
  }
}

// And a client that could not read the CONNACK takes no session over.
TEST_F(SessionConnect, AClientThatCouldNotReadTheConnackChangesNothing) {
  peer.send(connect({.level = 5, .clean = false}));
  EXPECT_EQ(answer(connect({.level = 5, .properties_list = bytes({0x27}) + four(1)})), "");
  EXPECT_TRUE(peer.session.connected());
}

TEST_F(SessionConnect, ClosesAfterOneAndAHalfKeepAliveTimesWithoutAPacket) {
  peer.send(connect({.level = 5, .keep_alive_s = 10}));
  now += milliseconds(14'900);
  peer.session.on_time(now);
  peer.send(pingreq());
  now += milliseconds(14'900);
  peer.session.on_time(now);
  EXPECT_TRUE(peer.session.connected());
  now += milliseconds(100);
  peer.session.on_time(now);
  EXPECT_TRUE(peer.session.ended());
  EXPECT_EQ(peer.take().substr(2, 1), bytes({0x8D}));
}

TEST_F(SessionConnect, KeepAliveZeroNeverTimesOut) {
  peer.send(connect({.keep_alive_s = 0}));
  now += std::chrono::hours(1000);
  peer.session.on_time(now);
  EXPECT_TRUE(peer.session.connected());
}

TEST_F(SessionConnect, AServerKeepAliveIsToldAndUsed) {
  limits.max_keep_alive_s = 20;
  EXPECT_NE(peer.send(connect({.level = 5, .keep_alive_s = 0})).find(bytes({0x13, 0, 20})),
            std::string::npos);
  now += seconds(30);
  peer.session.on_time(now);
  EXPECT_TRUE(peer.session.ended());
}

TEST_F(SessionConnect, NoConnectInTheTimeAllowedCloses) {
  peer.send(connect().substr(0, 5));
  now += limits.connect_timeout - milliseconds(1);
  peer.session.on_time(now);
  EXPECT_FALSE(peer.session.ended());
  now += milliseconds(1);
  peer.session.on_time(now);
  EXPECT_TRUE(peer.session.ended());
  EXPECT_EQ(peer.take(), "");
}

TEST_F(SessionConnect, PingsAreAnswered) {
  peer.send(connect());
  EXPECT_EQ(peer.send(pingreq() + pingreq()), bytes({0xD0, 0, 0xD0, 0}));
}

TEST_F(SessionConnect, SubscribersAreToldNoAndSurvive) {
  peer.send(connect());
  EXPECT_EQ(peer.send(packet(0x82, two(5) + text("a/#") + bytes({1}) + text("b") + bytes({0}))),
            bytes({0x90, 4, 0, 5, 0x80, 0x80}));
  EXPECT_EQ(peer.send(packet(0xA2, two(6) + text("a/#"))), bytes({0xB0, 2, 0, 6}));
  Peer five(limits, clients, world, now);
  five.send(connect({.level = 5, .client_id = "five"}));
  EXPECT_EQ(five.send(packet(0x82, two(5) + bytes({0}) + text("a#") + bytes({1}) + text("b") + bytes({0}))),
            bytes({0x90, 5, 0, 5, 0, 0x8F, 0x87}));
  EXPECT_EQ(five.send(packet(0xA2, two(6) + bytes({0}) + text("a"))), bytes({0xB0, 4, 0, 6, 0, 0x11}));
  EXPECT_TRUE(peer.session.connected() && five.session.connected());
}

TEST_F(SessionConnect, PacketsOnlyAServerSendsAreProtocolErrors) {
  for (const int first : {0x20, 0x90, 0xB0, 0xD0}) {
    Peer other(limits, clients, world, now);
    other.send(connect({.level = 5, .client_id = "x" + std::to_string(first)}));
    EXPECT_EQ(other.send(packet(first, "")).substr(2, 1), bytes({0x82})) << first;
  }
}

TEST_F(SessionConnect, AcknowledgementsOfNothingDoNoHarm) {
  peer.send(connect({.level = 5}));
  EXPECT_EQ(peer.send(packet(0x40, two(1)) + packet(0x70, two(1))), "");
  EXPECT_EQ(peer.send(packet(0x50, two(1))), bytes({0x62, 3, 0, 1, 0x92}));
}

TEST_F(SessionConnect, AServerThatShutsDownSaysSoAndKeepsTheWillToItself) {
  peer.send(connect({.level = 5, .will_topic = "weather/roof/state"}));
  peer.session.end(Reason::server_shutting_down, "the gateway is shutting down", now);
  EXPECT_EQ(peer.take().substr(2, 1), bytes({0x8B}));
  EXPECT_TRUE(world.away.empty());
}

TEST_F(SessionConnect, NothingIsSentAfterDisconnect) {
  peer.send(connect({.level = 5}));
  const std::string last = peer.send(bytes({0xF0, 0}) + pingreq());
  EXPECT_EQ(last.size(), 2U + static_cast<unsigned char>(last.at(1)));  // the DISCONNECT alone
  EXPECT_EQ(peer.send(pingreq()), "");
  EXPECT_EQ(peer.durable(9), "");
}

}  // namespace
}  // namespace weather::sensors::listener
