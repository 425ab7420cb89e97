// Vectors: bthome.io/format and bthome.io/encryption, the tests of bthome-ble 3.25 (PyPI), Shelly's
// documentation of the BLU H&T; where none is named, made by hand from the table of bthome.io.
#include "sensors/bluetooth/bthome.hpp"

#include <gmock/gmock.h>

#include "sensors/bluetooth/bthome_objects.hpp"
#include "tests/unit/bluetooth/said.hpp"

namespace weather::sensors::bluetooth {
namespace {

std::string bthome(std::string bytes, std::string key = {}) {
  return said(decode_bthome, {"54:48:E6:8F:80:A5", std::move(bytes), std::move(key)});
}

constexpr auto bind_key = "231d39c1d7cc1ab1aee224cd096db932";

TEST(Bthome, TheExampleOfItsFormat) {
  EXPECT_EQ(bthome("4002c40903bf13"), R"({"temperature":25,"humidity":50.55})");
}

TEST(Bthome, PacketIdAndBatteryOfAShellyBluHt) {
  EXPECT_EQ(bthome("40002e01641e012e34451601"),
            R"({"light_detected":true,"humidity":52,"temperature":27.8,"battery_level":100} #46)");
}

TEST(Bthome, TheExamplesOfItsEncryption) {
  EXPECT_EQ(bthome("41a47266c95f730011223378237214", bind_key),
            R"({"temperature":25.06,"humidity":50.55} counter 857870592)");
}

TEST(Bthome, IsNotOpenedByAWrongKeyOrIfSomethingOfItWasChanged) {
  const std::string packet = "41a47266c95f730011223378237214";
  EXPECT_EQ(bthome(packet, "231d39c1d7cc1ab1aee224cd096db933"), "wrong_key");
  EXPECT_EQ(bthome(packet), "no_key");
  EXPECT_EQ(said(decode_bthome, {"54:48:E6:8F:80:A6", packet, bind_key}), "wrong_key");
  for (std::size_t at = 2; at < packet.size(); ++at) {
    auto changed = packet;
    changed[at] = changed[at] == '0' ? '1' : '0';
    EXPECT_EQ(bthome(changed, bind_key), "wrong_key") << at;
  }
}

TEST(Bthome, OpenDataOfADeviceWithAKeyIsNotBelieved) {
  EXPECT_EQ(bthome("4002c40903bf13", bind_key), "open");
}

TEST(Bthome, NumbersWithASignAndOfAnySize) {
  EXPECT_EQ(bthome("4002c8fa"), R"({"temperature":-13.36})");
  EXPECT_EQ(bthome("4057ea"), R"({"temperature":-22})");
  EXPECT_EQ(bthome("4058ea"), R"({"temperature":-7.7})");
  EXPECT_EQ(bthome("4004138a01"), R"({"pressure":1008.83})");
  EXPECT_EQ(bthome("4005138a14"), R"({"illuminance":13460.67})");
  EXPECT_EQ(bthome("404e87562a01"), R"({"volume_L":19551.879})");
  EXPECT_EQ(bthome("405c02fbffff"), R"({"power_W":-12.78})");
  EXPECT_EQ(bthome("4062850e0000"), R"({"wind_speed":0.003717})");
}

TEST(Bthome, AWeatherStation) {
  EXPECT_EQ(bthome("4044bc0246325e9f8c5f5700"),
            R"({"wind_speed":7,"uv_index":5,"wind_direction":359.99,"rain":8.7})");
}

TEST(Bthome, WhatComesTwiceHasAPart) {
  EXPECT_EQ(bthome("4002c40902c509451601"),
            R"({"temperature":25,"temperature_2":25.01,"temperature_3":27.8})");
}

TEST(Bthome, YesOrNoTextAndBytes) {
  EXPECT_EQ(bthome("40150120012d00"), R"({"wet":true,"window_open":false,"battery_low":true})");
  EXPECT_EQ(bthome("40530c48656c6c6f20576f726c6421"), R"({"text":"Hello World!"})");
  EXPECT_EQ(bthome("4054024865"), R"({"raw":"4865"})");
}

TEST(Bthome, AnObjectNobodyKnowsEndsItAndWhatCameBeforeStays) {
  EXPECT_EQ(bthome("4002c409eeff13"), R"({"temperature":25} unknown 238)");
  EXPECT_EQ(bthome("40ee"), R"({} unknown 238)");
}

TEST(Bthome, ACutObjectEndsItAndWhatCameBeforeStays) {
  EXPECT_EQ(bthome("4002c40903bf"), R"({"temperature":25})");
  EXPECT_EQ(bthome("4002c4"), "malformed");
  EXPECT_EQ(bthome("40530c4865"), "malformed");
  EXPECT_EQ(bthome("4053"), "malformed");
}

TEST(Bthome, WhatIsSentInThePlaceOfAValueIsNone) {
  EXPECT_EQ(bthome("4002008003ffff"), R"({"temperature":null,"humidity":null})");
  EXPECT_EQ(bthome("40020180"), R"({"temperature":-327.67})");
}

TEST(Bthome, OtherVersionsAndNothingAtAll) {
  EXPECT_EQ(bthome("2002c409"), "foreign");
  EXPECT_EQ(bthome("e1020000"), "foreign");
  EXPECT_EQ(bthome(""), "malformed");
  EXPECT_EQ(bthome("40"), "empty");
  EXPECT_EQ(bthome("40f00102"), "empty");
  EXPECT_EQ(bthome("4100112233445566", bind_key), "malformed");
}

TEST(BthomeObjects, AreInOrderAndOneOfEach) {
  int before = -1;
  for (const auto& object : bthome_objects()) {
    EXPECT_LT(before, object.id);
    before = object.id;
    EXPECT_EQ(find_bthome_object(object.id), &object);
    EXPECT_GE(object.bytes, 1);
    EXPECT_LE(object.bytes, 4);
  }
}

}  // namespace
}  // namespace weather::sensors::bluetooth
