#include "sensors/lorawan/chirpstack.hpp"

#include <gmock/gmock.h>

#include "sensors/reading/builder.hpp"
#include "sensors/reading/time.hpp"

namespace weather::sensors {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

constexpr std::string_view device =
    R"("deviceInfo":{"tenantId":"52f14cd4-c6f1-4fbd-8f87-4025e1d49242","tenantName":"ChirpStack","applicationId":"17c82e96-be03-4f38-aef3-f83d48582d97","applicationName":"fields","deviceProfileName":"lht65","deviceName":"north","devEui":"0101010101010101","tags":{"site":"Nairobi"}})";
constexpr std::string_view topic =
    "application/17c82e96-be03-4f38-aef3-f83d48582d97/device/0101010101010101/event/";

std::string up(std::string_view rest) {
  return R"({"deduplicationId":"3ac7e3c4-4401-4b8d-9386-a5c902f9202d","time":"2022-07-18T09:34:15.775023242+00:00",)" +
         std::string(device) + R"(,"devAddr":"00189440","dr":1,"fPort":1,)" + std::string(rest) +
         R"("rxInfo":[{"gatewayId":"0016c001f153a14c","uplinkId":4217106255,"rssi":-36,"snr":10.5,"context":"AAAA"},{"gatewayId":"far","rssi":-110,"snr":-3}],"txInfo":{"frequency":867100000}})";
}

class Chirpstack : public testing::Test {
 protected:
  Decoded decode(std::string_view event, std::string_view payload, std::uint32_t packet_id = 0) {
    const std::string full = std::string(topic) + std::string(event);
    Message message;
    message.topic = full;
    message.payload = payload;
    message.packet_id = packet_id;
    return decoder_.decode(message);
  }
  Reading one(std::string_view event, std::string_view payload) {
    const auto readings = decode(event, payload);
    EXPECT_TRUE(readings) << (readings ? "" : readings.error().text);
    if (!readings || readings->size() != 1) {
      ADD_FAILURE() << "not one reading";
      return {};
    }
    return readings->front();
  }
  ChirpstackDecoder decoder_;
};

TEST_F(Chirpstack, AnUplinkWithDecodedObject) {
  const auto r =
      one("up", up(R"("fCnt":4,"data":"EjRW","object":{"temperature":-5.6,"humidity":45,"extra":"x"},)"));
  EXPECT_EQ(r.sensor_id(), "lora:0101010101010101");
  EXPECT_EQ(r.source_sequence(), 5U);
  EXPECT_EQ(find_quantity(r, "air_temperature")->number(), -5.6);
  EXPECT_EQ(find_quantity(r, "relative_humidity")->integer(), 45);
  EXPECT_EQ(format_time(static_cast<std::int64_t>(r.event_time_ns())), "2022-07-18T09:34:15.775023242Z");
  EXPECT_EQ(r.time_source(), v1::TIME_RECEIVER);
  EXPECT_EQ(r.extra_json(), R"({"extra":"x"})");
  EXPECT_EQ(r.labels().at("site"), "Nairobi");
  EXPECT_EQ(r.labels().at("device_name"), "north");
}

TEST_F(Chirpstack, TheLinkIsThatOfTheGatewayThatHeardItBest) {
  const auto r = one("up", up(R"("fCnt":4,"object":{"temperature":1},)"));
  EXPECT_FLOAT_EQ(r.link().rssi_dbm(), -36);
  EXPECT_FLOAT_EQ(r.link().snr_db(), 10.5);
  EXPECT_EQ(r.source().address(), "0016c001f153a14c");
}

TEST_F(Chirpstack, AFrameCounterOfZeroIsNotSentAndIsStillTheFirst) {
  EXPECT_EQ(one("up", up(R"("object":{"temperature":0},)")).source_sequence(), 1U);
}

TEST_F(Chirpstack, ZeroDegreesInTheObjectIsAValue) {
  const auto r = one("up", up(R"("fCnt":1,"object":{"temperature":0},)"));
  ASSERT_NE(find_quantity(r, "air_temperature"), nullptr);
  EXPECT_EQ(find_quantity(r, "air_temperature")->integer(), 0);
}

TEST_F(Chirpstack, TheSameFrameTwiceIsOneReading) {
  const auto frame = up(R"("fCnt":4,"data":"EjRW","object":{"temperature":1},)");
  one("up", frame);
  EXPECT_THAT(*decode("up", frame), IsEmpty());
}

TEST_F(Chirpstack, ARedeliveredFramePasses) {
  const auto frame = up(R"("fCnt":4,"data":"EjRW","object":{"temperature":1},)");
  EXPECT_EQ(decode("up", frame, 7)->size(), 1U);
  EXPECT_EQ(decode("up", frame, 7)->size(), 1U);
}

TEST_F(Chirpstack, ACounterThatStartsAgainAfterAJoinIsNoRepeat) {
  auto frame = up(R"("data":"EjRW","object":{"temperature":1},)");
  one("up", frame);
  frame.replace(frame.find("00189440"), 8, "00189441");
  one("up", frame);
}

TEST_F(Chirpstack, CayenneChannelsAreParts) {
  const auto r =
      one("up", up(R"("object":{"temperatureSensor":{"1":22.5,"3":9},"humiditySensor":{"2":41}},)"));
  EXPECT_EQ(find_quantity(r, "air_temperature", "3")->integer(), 9);
  EXPECT_EQ(find_quantity(r, "relative_humidity", "2")->integer(), 41);
}

TEST_F(Chirpstack, DraginoNames) {
  const auto r = one("up", up(R"("object":{"BatV":3.05,"TempC_SHT":22.5,"Hum_SHT":41.2,"TempC_DS":9.1},)"));
  EXPECT_EQ(find_quantity(r, "air_temperature")->number(), 22.5);
  EXPECT_EQ(find_quantity(r, "air_temperature", "probe")->number(), 9.1);
  EXPECT_FLOAT_EQ(r.link().battery_v(), 3.05F);
}

TEST_F(Chirpstack, StatusIsTheBattery) {
  const std::string head = R"({"time":"2022-07-18T09:34:15Z",)" + std::string(device);
  EXPECT_FLOAT_EQ(one("status", head + R"(,"margin":10,"batteryLevel":75.5})").link().battery_ratio(),
                  0.755F);
  EXPECT_FLOAT_EQ(one("status", head + R"(,"margin":10})").link().battery_ratio(), 0);
  EXPECT_THAT(*decode("status", head + R"(,"externalPowerSource":true})"), IsEmpty());
  EXPECT_THAT(*decode("status", head + R"(,"batteryLevelUnavailable":true})"), IsEmpty());
}

TEST_F(Chirpstack, LocationWithAZeroLeftOut) {
  const auto r =
      one("location", "{" + std::string(device) + R"(,"location":{"longitude":36.8,"altitude":1795}})");
  EXPECT_EQ(r.location().latitude(), 0);
  EXPECT_TRUE(r.location().has_latitude());
  EXPECT_EQ(r.location().longitude(), 36.8);
  EXPECT_EQ(r.location().altitude_m(), 1795);
}

TEST_F(Chirpstack, OtherEventsCarryNoReading) {
  for (const char* event : {"join", "ack", "txack", "log", "integration"}) {
    const auto readings = decode(event, "whatever");
    ASSERT_TRUE(readings) << event;
    EXPECT_THAT(*readings, IsEmpty());
  }
}

TEST_F(Chirpstack, WhatCannotBeReadSaysWhatToDo) {
  EXPECT_EQ(decode("up", "{").error().reason, "json_syntax");
  EXPECT_EQ(decode("up", R"({"object":{"temperature":1}})").error().reason, "no_dev_eui");
  const auto no_codec = decode("up", up(R"("data":"EjRW",)")).error();
  EXPECT_EQ(no_codec.reason, "no_decoded_payload");
  EXPECT_THAT(no_codec.text, HasSubstr("codec"));
  const auto unknown = decode("up", up(R"("object":{"speed_of_light":299792458},)")).error();
  EXPECT_EQ(unknown.reason, "no_quantity");
  EXPECT_THAT(unknown.text, HasSubstr("/speed_of_light"));
  EXPECT_EQ(decode("location", "{" + std::string(device) + "}").error().reason, "no_location");
}

TEST_F(Chirpstack, TheUsersOwnFieldsComeFirst) {
  LorawanOptions options;
  options.fields.push_back(*make_rule("/t1", "soil_temperature", "Cel"));
  ChirpstackDecoder decoder(std::move(options));
  const std::string full = std::string(topic) + "up";
  const auto payload = up(R"("object":{"t1":7.5},)");
  Message message;
  message.topic = full;
  message.payload = payload;
  EXPECT_EQ(decoder.decode(message)->front().quantities(0).name(), "soil_temperature");
}

}  // namespace
}  // namespace weather::sensors
