#include "sensors/sources/mqtt.hpp"

#include <thread>

#include <gmock/gmock.h>

#include "sensors/decoders/json.hpp"
#include "sensors/decoders/json_document.hpp"
#include "tests/unit/sensors/fake_broker.hpp"
#include "tests/unit/sensors/fake_sink.hpp"

// Paho C 1.3.12 loses a few bytes when a client is destroyed between CONNECT and CONNACK.
extern "C" const char* __lsan_default_suppressions();   // NOLINT(bugprone-reserved-identifier)
extern "C" const char* __lsan_default_suppressions() {  // NOLINT(bugprone-reserved-identifier)
  return "leak:libpaho-mqtt3as";
}
// Paho's libraries are not built with ThreadSanitizer, so it cannot see the reference counts of a token they
// hold.
extern "C" const char* __tsan_default_suppressions();   // NOLINT(bugprone-reserved-identifier)
extern "C" const char* __tsan_default_suppressions() {  // NOLINT(bugprone-reserved-identifier)
  return "race:libpaho-mqttpp3";
}

namespace weather::sensors {
namespace {

using testing::AllOf;
using testing::HasSubstr;

constexpr std::string_view payload = R"({"id":"sensor-001","temperature":22.5})";

MqttOptions options_for(const std::string& url) {
  MqttOptions options;
  options.url = url;
  options.topics = {"weather/#"};
  options.client_id = "weather-gateway-test";
  options.reconnect = {std::chrono::milliseconds(20), std::chrono::milliseconds(100),
                       std::chrono::seconds(1)};
  return options;
}

bool eventually(const std::function<bool()>& condition) {
  for (int i = 0; i < 500; ++i) {
    if (condition()) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  return false;
}

class Mqtt : public testing::Test {
 protected:
  FakeBroker broker;
  FakeSink sink;
};

TEST_F(Mqtt, ConnectsWithItsFixedIdAndAPersistentSessionAndSubscribes) {
  auto options = options_for(broker.url());
  options.username = "pi";
  options.password = "secret";
  MqttSource source(options, decode_json, sink);
  source.start();
  const auto connect = broker.accept();
  ASSERT_TRUE(connect);
  // Protocol name and level 4, flags: user name, password, no clean session; then the client id.
  EXPECT_EQ(connect->body.substr(0, 8), std::string("\0\4MQTT\4\xC0", 8));
  EXPECT_THAT(connect->body, AllOf(HasSubstr("weather-gateway-test"), HasSubstr("secret")));
  broker.send(FakeBroker::connack << 4U, std::string(2, '\0'));
  const auto subscribe = broker.receive(10'000);
  ASSERT_TRUE(subscribe);
  EXPECT_EQ(subscribe->body.substr(2), std::string("\0\x9weather/#\1", 12));
}

TEST_F(Mqtt, AcknowledgesOnlyWhatIsDurable) {
  sink.hold_commits(true);
  MqttSource source(options_for(broker.url()), decode_json, sink);
  source.start();
  ASSERT_TRUE(broker.greet(1));
  broker.publish_to_client({.topic = "weather/a", .payload = payload, .id = 7});
  ASSERT_TRUE(sink.wait_for_stored(1));
  EXPECT_FALSE(broker.receive(300)) << "acknowledged before it was durable";
  sink.hold_commits(false);
  EXPECT_TRUE(broker.receive_puback(7));
  EXPECT_TRUE(eventually([&] { return source.status().messages == 1; }));
}

TEST_F(Mqtt, PassesOnTopicFlagsAndPacketId) {
  auto options = options_for(broker.url());
  options.name = "mqtt:roof";
  MqttSource source(options, decode_json, sink);
  source.start();
  ASSERT_TRUE(broker.greet(1));
  broker.publish_to_client(
      {.topic = "weather/a", .payload = payload, .id = 4711, .duplicate = true, .retained = true});
  ASSERT_TRUE(broker.receive_puback(4711));
  broker.publish_to_client({.topic = "weather/b", .payload = "{}", .qos = 0});
  ASSERT_TRUE(sink.wait_for_stored(2));
  const auto stored = sink.stored();
  EXPECT_EQ(stored[0].source, "mqtt:roof");
  EXPECT_EQ(stored[0].topic, "weather/a");
  EXPECT_EQ(stored[0].payload, payload);
  EXPECT_EQ(stored[0].packet_id, 4711U);
  EXPECT_TRUE(stored[0].duplicate && stored[0].retained);
  EXPECT_EQ(stored[0].waits, Waits::yes);
  EXPECT_EQ(stored[0].readings.at(0).sensor_id(), "sensor-001");
  EXPECT_EQ(stored[1].waits, Waits::no);
  EXPECT_EQ(stored[1].packet_id, 0U);
  EXPECT_EQ(stored[1].decode_error, "no_quantity");
}

TEST_F(Mqtt, WhatCannotBecomeDurableIsNotAcknowledgedAndComesAgain) {
  sink.hold_commits(true);
  auto options = options_for(broker.url());
  options.hold = std::chrono::milliseconds(200);
  MqttSource source(options, decode_json, sink);
  source.start();
  ASSERT_TRUE(broker.greet(1));
  broker.publish_to_client({.topic = "weather/a", .payload = payload, .id = 1});
  broker.publish_to_client({.topic = "weather/a", .payload = payload, .id = 2});
  EXPECT_TRUE(broker.closed_silently()) << "something was acknowledged";

  ASSERT_TRUE(broker.greet(0, true));
  sink.hold_commits(false);
  broker.publish_to_client({.topic = "weather/a", .payload = payload, .id = 1, .duplicate = true});
  EXPECT_TRUE(broker.receive_puback(1));
  broker.publish_to_client({.topic = "weather/a", .payload = payload, .id = 2, .duplicate = true});
  EXPECT_TRUE(broker.receive_puback(2));
  const auto status = source.status();
  EXPECT_GE(status.withheld, 1U);
  EXPECT_EQ(status.redelivered, 2U);
  EXPECT_THAT(status.last_error, HasSubstr("broker delivers again"));
}

TEST_F(Mqtt, AFullLogIsTriedAgainUntilItHasRoom) {
  sink.refuse(true);
  MqttSource source(options_for(broker.url()), decode_json, sink);
  source.start();
  ASSERT_TRUE(broker.greet(1));
  broker.publish_to_client({.topic = "weather/a", .payload = payload, .id = 3});
  ASSERT_TRUE(sink.wait_for_attempts(3));
  EXPECT_TRUE(sink.stored().empty());
  sink.refuse(false);
  EXPECT_TRUE(broker.receive_puback(3));
}

TEST_F(Mqtt, ARefusedQos0MessageIsCountedAsLost) {
  sink.refuse(true);
  auto options = options_for(broker.url());
  options.hold = std::chrono::milliseconds(50);
  MqttSource source(options, decode_json, sink);
  source.start();
  ASSERT_TRUE(broker.greet(1));
  broker.publish_to_client({.topic = "weather/a", .payload = payload, .qos = 0});
  EXPECT_TRUE(eventually([&] { return source.status().lost == 1; }));
  EXPECT_EQ(source.status().withheld, 0U);
}

TEST_F(Mqtt, AnOversizedPayloadIsRecordedWithItsBeginningAndThenAcknowledged) {
  MqttSource source(options_for(broker.url()), decode_json, sink);
  source.start();
  ASSERT_TRUE(broker.greet(1));
  const std::string large(max_payload_bytes + 1, 'x');
  broker.publish_to_client({.topic = "weather/a", .payload = large, .id = 9});
  ASSERT_TRUE(broker.receive_puback(9));
  const auto stored = sink.stored();
  EXPECT_EQ(stored.at(0).payload.size(), 4096U);
  EXPECT_EQ(stored.at(0).decode_error, "too_large");
  EXPECT_EQ(source.status().oversized, 1U);
}

TEST_F(Mqtt, ABrokerThatIsAwayAtStartIsFoundLater) {
  std::uint16_t port = 0;
  { port = FakeBroker().port(); }
  MqttSource source(options_for("mqtt://127.0.0.1:" + std::to_string(port)), decode_json, sink);
  source.start();
  EXPECT_TRUE(eventually([&] { return source.status().failures >= 2; }));
  EXPECT_THAT(source.status().last_error,
              AllOf(HasSubstr("cannot connect to 127.0.0.1:"), HasSubstr("no answer there")));
  FakeBroker late(port);
  ASSERT_TRUE(late.greet(1));
  EXPECT_TRUE(eventually([&] { return source.status().state == MqttStatus::State::connected; }));
}

TEST_F(Mqtt, ALostConnectionIsMadeAgainAndAPresentSessionIsNotSubscribedTwice) {
  MqttSource source(options_for(broker.url()), decode_json, sink);
  source.start();
  ASSERT_TRUE(broker.greet(1));
  ASSERT_TRUE(eventually([&] { return source.status().connections == 1; }));
  broker.drop();
  ASSERT_TRUE(broker.greet(0, true));
  EXPECT_FALSE(broker.receive(200)) << "subscribed again: every retained message would come again";
  broker.drop();
  ASSERT_TRUE(broker.greet(1, false)) << "the broker forgot the session, so it must be subscribed again";
  EXPECT_TRUE(eventually([&] { return source.status().connections == 3; }));
  EXPECT_EQ(source.status().failures, 2U);
}

TEST_F(Mqtt, ARefusalIsSaidInWords) {
  MqttSource source(options_for(broker.url()), decode_json, sink);
  source.start();
  ASSERT_TRUE(broker.accept());
  broker.send(FakeBroker::connack << 4U, std::string("\0\5", 2));
  EXPECT_TRUE(eventually([&] { return source.status().failures >= 1; }));
  EXPECT_THAT(source.status().last_error, HasSubstr("does not authorise this client"));
}

TEST_F(Mqtt, ARefusedSubscriptionNamesItsTopic) {
  MqttSource source(options_for(broker.url()), decode_json, sink);
  source.start();
  ASSERT_TRUE(broker.greet(0));
  ASSERT_TRUE(broker.acknowledge_subscribe('\x80'));
  EXPECT_TRUE(eventually([&] { return source.status().failures >= 1; }));
  EXPECT_THAT(source.status().last_error, HasSubstr("cannot subscribe to weather/#"));
}

TEST_F(Mqtt, Qos2IsSpokenAsMqtt5) {
  auto options = options_for(broker.url());
  options.qos = 2;
  MqttSource source(options, decode_json, sink);
  source.start();
  const auto connect = broker.accept();
  ASSERT_TRUE(connect);
  EXPECT_EQ(connect->body.substr(0, 7), std::string("\0\4MQTT\5", 7));
  EXPECT_EQ(connect->body[7] & 0x02, 0) << "clean start";
}

TEST_F(Mqtt, StopsWithinTwoSecondsWhileAMessageIsHeldAndDoesNotAcknowledgeIt) {
  sink.hold_commits(true);
  MqttSource source(options_for(broker.url()), decode_json, sink);
  source.start();
  ASSERT_TRUE(broker.greet(1));
  broker.publish_to_client({.topic = "weather/a", .payload = payload, .id = 1});
  ASSERT_TRUE(sink.wait_for_stored(1));
  const auto started = std::chrono::steady_clock::now();
  source.stop();
  EXPECT_LT(std::chrono::steady_clock::now() - started, std::chrono::seconds(2));
  EXPECT_TRUE(broker.closed_silently()) << "acknowledged, though it is not durable";
  EXPECT_EQ(source.status().state, MqttStatus::State::stopped);
}

TEST_F(Mqtt, StopsAtOnceWhenIdleOrConnectingAndSaysGoodbye) {
  MqttSource idle(options_for(broker.url()), decode_json, sink);
  idle.start();
  ASSERT_TRUE(broker.greet(1));
  ASSERT_TRUE(eventually([&] { return idle.status().connections == 1; }));
  const auto started = std::chrono::steady_clock::now();
  idle.stop();
  idle.stop();
  EXPECT_EQ(broker.receive(1'000).value_or(FakeBroker::Packet{}).type, FakeBroker::disconnect);
  MqttSource connecting(options_for(broker.url()), decode_json, sink);
  connecting.start();
  ASSERT_TRUE(broker.accept());  // and no answer
  connecting.stop();
  EXPECT_LT(std::chrono::steady_clock::now() - started, std::chrono::seconds(3));
}

// A Sparkplug host says whether it is there: edge nodes keep their data while it is not.
TEST_F(Mqtt, SaysThatItIsThereAndThatItGoesAndLeavesAWill) {
  auto options = options_for(broker.url());
  options.presence = [](std::int64_t unix_ms) {
    EXPECT_GT(unix_ms, 1'700'000'000'000);
    return MqttPresence{"STATE/pi", "here", "gone"};
  };
  MqttSource source(options, decode_json, sink);
  source.start();
  const auto connect = broker.accept();
  ASSERT_TRUE(connect);
  // Flags: will retained, QoS 1, will, no clean session. The will follows the client id.
  EXPECT_EQ(connect->body.substr(0, 8), std::string("\0\4MQTT\4\x2C", 8));
  EXPECT_THAT(connect->body, HasSubstr(std::string("\0\x8STATE/pi\0\4gone", 16)));
  broker.send(FakeBroker::connack << 4U, std::string(2, '\0'));
  ASSERT_TRUE(broker.acknowledge_subscribe('\1'));
  const auto published = [&](std::string_view what) {
    const auto packet = broker.receive(10'000);
    if (!packet || packet->type != FakeBroker::publish) return false;
    broker.send(FakeBroker::puback << 4U, packet->body.substr(10, 2));
    return packet->body.substr(0, 10) == std::string("\0\x8STATE/pi", 10) && packet->body.substr(12) == what;
  };
  EXPECT_TRUE(published("here"));
  ASSERT_TRUE(eventually([&] { return source.status().connections == 1; }));
  // The will of a connection before this one comes late.
  broker.publish_to_client({.topic = "STATE/pi", .payload = "gone", .qos = 0});
  EXPECT_TRUE(published("here"));
  std::thread stopping([&] { source.stop(); });
  EXPECT_TRUE(published("gone"));
  EXPECT_EQ(broker.receive(1'000).value_or(FakeBroker::Packet{}).type, FakeBroker::disconnect);
  stopping.join();
}

TEST_F(Mqtt, OptionsThatCannotWorkAreRefusedAtOnce) {
  auto options = options_for("http://127.0.0.1");
  EXPECT_THROW(MqttSource(options, decode_json, sink), std::invalid_argument);
  options = options_for(broker.url());
  options.topics.clear();
  EXPECT_THROW(MqttSource(options, decode_json, sink), std::invalid_argument);
  options = options_for(broker.url());
  options.client_id.clear();
  EXPECT_THROW(MqttSource(options, decode_json, sink), std::invalid_argument);
  options = options_for(broker.url());
  options.password_file = "/does/not/exist";
  EXPECT_THROW(MqttSource(options, decode_json, sink), std::system_error);
}

}  // namespace
}  // namespace weather::sensors
