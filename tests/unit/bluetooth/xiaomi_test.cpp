// Vectors: the tests of xiaomi-ble 1.21 (PyPI) and the samples of atc-mi-interface 2.0 (PyPI), which are
// advertisements of the devices.
#include "sensors/bluetooth/xiaomi.hpp"

#include <gmock/gmock.h>

#include "tests/unit/bluetooth/said.hpp"

namespace weather::sensors::bluetooth {
namespace {

std::string xiaomi(std::string address, std::string bytes, std::string key = {}) {
  return said(decode_xiaomi, {std::move(address), std::move(bytes), std::move(key)});
}

constexpr auto thermometer = "58:2D:34:35:93:21", plant = "C4:7C:8D:6A:3E:7A", alarm = "A4:C1:38:AA:BB:CC";

TEST(Xiaomi, TemperatureAndHumidityOfALywsdcgq) {
  EXPECT_EQ(xiaomi(thermometer, "5020aa01da219335342d580d1004fe004802"),
            R"({"temperature":25.4,"humidity":58.4} #218)");
}

TEST(Xiaomi, OneObjectAPacket) {
  EXPECT_EQ(xiaomi("C4:7C:8D:6B:4F:F3", "7120980012f34f6b8d7cc40d041002c400"), R"({"temperature":19.6} #18)");
  EXPECT_EQ(xiaomi(plant, "71209800667a3e6a8d7cc40d071003000000"), R"({"illuminance":0} #102)");
  EXPECT_EQ(xiaomi(plant, "71209800687a3e6a8d7cc40d0910025702"), R"({"soil_conductivity_uS_cm":599} #104)");
  EXPECT_EQ(xiaomi(plant, "71209800477a3e6a8d7cc40d08100140"), R"({"soil_moisture":64} #71)");
  EXPECT_EQ(xiaomi(alarm, "50585b0522ccbbaa38c1a40a10014f"), R"({"battery_level":79} #34)");
  EXPECT_EQ(xiaomi(alarm, "50585b051bccbbaa38c1a40d1004be000002"),
            R"({"temperature":19,"humidity":51.2} #27)");
}

TEST(Xiaomi, Encrypted) {
  EXPECT_EQ(xiaomi("5A:58:2D:34:12:5F", "5858480b685f12342d585a0b1841e2aa000e00a4964fb5",
                   "814aac74c4f17b6c1581e1ab87816b99"),
            R"({"humidity":59.6} #104)");
  EXPECT_EQ(xiaomi("58:2D:34:12:20:89", "58586f0607892012342d585f176dd54f0200002fa453fa",
                   "a3bfe9853dd85a620debe3620caaa351"),
            R"({"temperature":22.6} #7)");
}

TEST(Xiaomi, NeedsItsOwnKey) {
  const std::string packet = "5858480b685f12342d585a0b1841e2aa000e00a4964fb5";
  EXPECT_EQ(xiaomi("5A:58:2D:34:12:5F", packet), "no_key");
  EXPECT_EQ(xiaomi("5A:58:2D:34:12:5F", packet, "814aac74c4f17b6c1581e1ab87816b98"), "wrong_key");
  EXPECT_EQ(xiaomi(thermometer, "5020aa01da219335342d580d1004fe004802", "814aac74c4f17b6c1581e1ab87816b99"),
            "open");
}

TEST(Xiaomi, WhatIsNotWhole) {
  EXPECT_EQ(xiaomi("A4:C1:38:D4:3C:48", "30585b0502483cd438c1a408"), "empty");  // no objects
  EXPECT_EQ(xiaomi(thermometer, "5020aa01"), "malformed");
  EXPECT_EQ(xiaomi(thermometer, "5020aa01da2193"), "malformed");
  EXPECT_EQ(xiaomi("58:2D:34:35:93:22", "5020aa01da219335342d580d1004fe004802"), "malformed");
  EXPECT_EQ(xiaomi(thermometer, "5020aa01da219335342d580d1004fe00"), "empty");
  EXPECT_EQ(xiaomi(thermometer, "d020aa01da219335342d580d1004fe004802"), "foreign");  // mesh
  EXPECT_EQ(xiaomi(thermometer, "5010aa01da219335342d580d1004fe004802"), "foreign");  // version 1
}

TEST(Xiaomi, WhatIsSentInThePlaceOfAValueIsNone) {
  EXPECT_EQ(xiaomi(thermometer, "5020aa01da219335342d580d10040080ffff"),
            R"({"temperature":null,"humidity":null} #218)");
  EXPECT_EQ(xiaomi(alarm, "50583228dbccbbaa38c1a40148040000c07f"), R"({"temperature":null} #219)");
}

TEST(Xiaomi, AFloatHasTheDigitsThatWereMeasured) {
  EXPECT_EQ(xiaomi(alarm, "50583228dbccbbaa38c1a40148046666b441"), R"({"temperature":22.55} #219)");
}

TEST(Xiaomi, ObjectsNobodyKnowsArePassed) {
  EXPECT_EQ(xiaomi(alarm, "50585b0522ccbbaa38c1a402100200000a10014f"), R"({"battery_level":79} #34)");
}

}  // namespace
}  // namespace weather::sensors::bluetooth
