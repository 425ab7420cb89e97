#include "sensors/lorawan/things_stack.hpp"

#include <gmock/gmock.h>

#include "sensors/lorawan/formats.hpp"
#include "sensors/reading/builder.hpp"
#include "sensors/reading/time.hpp"

namespace weather::sensors {
namespace {

using testing::IsEmpty;

constexpr std::string_view things_topic = "v3/app1@ttn/devices/dev1/up";
constexpr std::string_view ids =
    R"("end_device_ids":{"device_id":"dev1","application_ids":{"application_id":"app1"},"dev_eui":"0004A30B001C0530","dev_addr":"00BCB929"})";
constexpr std::string_view rx =
    R"("rx_metadata":[{"gateway_ids":{"gateway_id":"gtw1"},"rssi":-35,"channel_rssi":-35,"snr":5},)"
    R"({"gateway_ids":{"gateway_id":"gtw2"},"time":"2020-02-12T15:15:45.787Z","rssi":-90,"snr":9.2}],)";

std::string things_up(std::string_view uplink, std::string_view rest = "") {
  return "{" + std::string(ids) +
         R"(,"correlation_ids":["as:up:01"],"received_at":"2020-02-12T15:15:46.100Z","uplink_message":{"session_key_id":"AXA50tHUQucEDrCkUpUJ0A==",)" +
         std::string(uplink) + R"("frm_payload":"gkHe"})" + std::string(rest) + "}";
}

class ThingsStack : public testing::Test {
 protected:
  Decoded decode(std::string_view payload, std::string_view at = things_topic) {
    Message message;
    message.topic = at;
    message.payload = payload;
    return decoder_.decode(message);
  }
  Reading one(std::string_view payload, std::string_view at = things_topic) {
    const auto readings = decode(payload, at);
    EXPECT_TRUE(readings) << (readings ? "" : readings.error().text);
    if (!readings || readings->size() != 1) {
      ADD_FAILURE() << "not one reading";
      return {};
    }
    return readings->front();
  }
  ThingsStackDecoder decoder_;
};

TEST_F(ThingsStack, AnUplinkWithDecodedPayload) {
  const auto r = one(things_up(
      R"("f_port":1,"f_cnt":5,"decoded_payload":{"temperature":1.5,"bytes":[1,2]},)" + std::string(rx)));
  EXPECT_EQ(r.sensor_id(), "lora:0004a30b001c0530");
  EXPECT_EQ(r.source_sequence(), 6U);
  EXPECT_EQ(find_quantity(r, "air_temperature")->number(), 1.5);
  EXPECT_EQ(r.extra_json(), R"({"bytes":[1,2]})");
  EXPECT_FLOAT_EQ(r.link().snr_db(), 9.2F);
  EXPECT_EQ(r.source().address(), "gtw2");
}

TEST_F(ThingsStack, AGatewaysTimeGoesBeforeTheNetworks) {
  EXPECT_EQ(format_time(static_cast<std::int64_t>(
                one(things_up(R"("decoded_payload":{"temperature":1},)" + std::string(rx))).event_time_ns())),
            "2020-02-12T15:15:45.787Z");
}

TEST_F(ThingsStack, WithoutAGatewaysTimeTheNetworksCounts) {
  EXPECT_EQ(format_time(static_cast<std::int64_t>(
                one(things_up(R"("decoded_payload":{"temperature":1},)")).event_time_ns())),
            "2020-02-12T15:15:46.1Z");
}

TEST_F(ThingsStack, AGatewayWhoseClockWasNeverSetDoesNotCount) {
  EXPECT_EQ(
      format_time(static_cast<std::int64_t>(
          one(things_up(
                  R"("decoded_payload":{"temperature":1},"rx_metadata":[{"time":"1980-01-06T00:00:00Z"}],)"))
              .event_time_ns())),
      "2020-02-12T15:15:46.1Z");
}

TEST_F(ThingsStack, AFrameCounterOfZeroIsNotSentAndIsStillTheFirst) {
  EXPECT_EQ(one(things_up(R"("decoded_payload":{"temperature":1},)")).source_sequence(), 1U);
}

TEST_F(ThingsStack, ANormalizedPayloadWins) {
  const auto r = one(things_up(
      R"("f_cnt":1,"decoded_payload":{"t":"x"},"normalized_payload":[{"air":{"temperature":22.5,"relativeHumidity":60},"wind":{"speed":3.1}}],)"));
  EXPECT_EQ(find_quantity(r, "air_temperature")->number(), 22.5);
  EXPECT_EQ(find_quantity(r, "wind_speed")->number(), 3.1);
}

TEST_F(ThingsStack, CayenneNumbersAreParts) {
  EXPECT_EQ(
      find_quantity(one(things_up(R"("decoded_payload":{"temperature_7":22.5},)")), "air_temperature", "7")
          ->number(),
      22.5);
}

TEST_F(ThingsStack, AConfirmedFrameThatIsSentAgainIsOneReading) {
  const auto frame = things_up(R"("f_cnt":5,"decoded_payload":{"temperature":1},)");
  one(frame);
  EXPECT_THAT(*decode(frame), IsEmpty());
}

TEST_F(ThingsStack, ACounterThatStartsAgainInANewSessionIsNoRepeat) {
  auto frame = things_up(R"("decoded_payload":{"temperature":1},)");
  one(frame);
  frame.replace(frame.find("AXA50"), 5, "BXA50");
  one(frame);
}

TEST_F(ThingsStack, ADeviceWithoutEuiIsKnownByItsName) {
  auto frame = things_up(R"("decoded_payload":{"temperature":1},)");
  frame.replace(frame.find(R"(,"dev_eui":"0004A30B001C0530")"), 29, "");
  EXPECT_EQ(one(frame).sensor_id(), "lora:app1/dev1");
}

TEST_F(ThingsStack, SimulatedUplinksAreMarked) {
  EXPECT_EQ(one(things_up(R"("decoded_payload":{"temperature":1},)", R"(,"simulated":true)")).flags(),
            v1::FLAG_SIMULATED);
}

TEST_F(ThingsStack, TheDevicesPlaceComesWithTheUplink) {
  const auto r = one(things_up(
      R"("decoded_payload":{"temperature":1},"locations":{"user":{"latitude":-1.28,"longitude":36.8}},)"));
  EXPECT_EQ(r.location().latitude(), -1.28);
  EXPECT_FALSE(r.location().has_altitude_m());
}

TEST_F(ThingsStack, ASolvedLocationIsAReading) {
  const auto r =
      one("{" + std::string(ids) + R"(,"location_solved":{"location":{"latitude":-1.28,"longitude":36.8}}})",
          "v3/app1@ttn/devices/dev1/location/solved");
  EXPECT_EQ(r.location().longitude(), 36.8);
}

TEST_F(ThingsStack, OtherTopicsCarryNoReading) {
  for (const char* at :
       {"v3/a@t/devices/d/join", "v3/a@t/devices/d/down/queued", "v3/a@t/devices/d/service/data"}) {
    const auto readings = decode("{}", at);
    ASSERT_TRUE(readings) << at;
    EXPECT_THAT(*readings, IsEmpty());
  }
}

TEST_F(ThingsStack, WhatCannotBeReadSaysWhy) {
  EXPECT_EQ(decode("[").error().reason, "json_syntax");
  EXPECT_EQ(decode("{}").error().reason, "no_dev_eui");
  EXPECT_EQ(decode(things_up("")).error().reason, "no_decoded_payload");
  EXPECT_EQ(decode(things_up(R"("decoded_payload":{"x":1},)")).error().reason, "no_quantity");
}

TEST(LorawanFormats, AreTwo) {
  Registry registry;
  add_lorawan(registry);
  EXPECT_TRUE(registry.make("chirpstack"));
  EXPECT_TRUE(registry.make("things-stack"));
  EXPECT_FALSE(registry.make("chirpstack", {{"x", "1"}}));
}

}  // namespace
}  // namespace weather::sensors
