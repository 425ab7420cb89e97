// The vectors are those of Ruuvi's documentation of its data formats.
#include "sensors/mapping/ruuvi.hpp"

#include <gmock/gmock.h>

namespace weather::sensors {
namespace {

using testing::HasSubstr;

std::string all(std::string_view format5) {
  const auto leaves = parse_ruuvi("0201061BFF9904" + std::string(format5));
  if (!leaves) return leaves.error();
  std::string out;
  for (const auto& leaf : *leaves) out += leaf.path.back() + "=" + value_text(leaf.value) + " ";
  return out;
}

TEST(Ruuvi, ValidData) {
  EXPECT_EQ(all("0512FC5394C37C0004FFFC040CAC364200CDCBB8334C884F"),
            "temperature=24.3 humidity=53.49 pressure=100044 acceleration_x=4 acceleration_y=-4 "
            "acceleration_z=1036 "
            "battery_mv=2977 tx_power_dbm=4 movement=66 sequence=205 address=\"CB:B8:33:4C:88:4F\" ");
}

TEST(Ruuvi, LargestValues) {
  EXPECT_EQ(all("057FFFFFFEFFFE7FFF7FFF7FFFFFDEFEFFFECBB8334C884F"),
            "temperature=163.835 humidity=163.835 pressure=115534 acceleration_x=32767 acceleration_y=32767 "
            "acceleration_z=32767 battery_mv=3646 tx_power_dbm=20 movement=254 sequence=65534 "
            "address=\"CB:B8:33:4C:88:4F\" ");
}

TEST(Ruuvi, SmallestValues) {
  EXPECT_EQ(all("058001000000008001800180010000000000CBB8334C884F"),
            "temperature=-163.835 humidity=0 pressure=50000 acceleration_x=-32767 acceleration_y=-32767 "
            "acceleration_z=-32767 battery_mv=1600 tx_power_dbm=-40 movement=0 sequence=0 "
            "address=\"CB:B8:33:4C:88:4F\" ");
}

TEST(Ruuvi, ValuesThatAreNotThereAreNull) {
  EXPECT_EQ(all("058000FFFFFFFF800080008000FFFFFFFFFFFFFFFFFFFFFF"),
            "temperature=null humidity=null pressure=null acceleration_x=null acceleration_y=null "
            "acceleration_z=null battery_mv=null tx_power_dbm=null movement=null sequence=null "
            "address=\"FF:FF:FF:FF:FF:FF\" ");
}

std::string advertised(std::string_view advertisement) {
  const auto leaves = parse_ruuvi(advertisement);
  if (!leaves) return leaves.error();
  std::string out;
  for (const auto& leaf : *leaves) out += leaf.path.back() + "=" + value_text(leaf.value) + " ";
  return out;
}

TEST(Ruuvi, Format3HasNoAddressAndAnOlderTemperature) {
  EXPECT_EQ(advertised("11FF990403291A1ECE1EFC18F94202CA0B53"),
            "temperature=26.3 humidity=20.5 pressure=102766 acceleration_x=-1000 acceleration_y=-1726 "
            "acceleration_z=714 battery_mv=2899 ");
  EXPECT_EQ(advertised("11FF99040300FF63000080018001800100 00"), "not hexadecimal");
  EXPECT_EQ(advertised("11FF99040300FF6300008001800180010000"),
            "temperature=-127.99 humidity=0 pressure=50000 acceleration_x=-32767 acceleration_y=-32767 "
            "acceleration_z=-32767 battery_mv=0 ");
}

TEST(Ruuvi, Format6IsTheAirShort) {
  EXPECT_EQ(advertised("17FF990406170C5668C79E007000C90501D900CD004C884F"),
            "temperature=29.5 humidity=55.3 pressure=101102 pm2_5=11.2 co2=201 voc=10 nox=2 luminosity=13030 "
            "sequence=205 ");
  EXPECT_EQ(
      advertised("17FF9904068000FFFFFFFFFFFFFFFFFFFFFF00FFFFFFFFFF"),
      "temperature=null humidity=null pressure=null pm2_5=null co2=null voc=null nox=null luminosity=null "
      "sequence=255 ");
}

TEST(Ruuvi, FormatE1IsTheAirExtended) {
  EXPECT_EQ(
      advertised("2BFF9904E1170C5668C79E0065007004BD11CA00C90A0213E0AC000000DECDEE110000000000CBB8334C884F"),
      "temperature=29.5 humidity=55.3 pressure=101102 pm1=10.1 pm2_5=11.2 pm4=121.3 pm10=455.4 co2=201 "
      "voc=20 nox=4 luminosity=13027 sequence=14601710 address=\"CB:B8:33:4C:88:4F\" ");
}

TEST(Ruuvi, WhatIsNoDataFormatIsRefusedInWords) {
  EXPECT_THAT(parse_ruuvi("").error(), HasSubstr("not hexadecimal"));
  EXPECT_THAT(parse_ruuvi("0201zz").error(), HasSubstr("not hexadecimal"));
  EXPECT_THAT(parse_ruuvi("020106").error(), HasSubstr("no manufacturer data"));
  EXPECT_THAT(parse_ruuvi("0201061BFF99").error(), HasSubstr("no manufacturer data"));
  EXPECT_THAT(parse_ruuvi("05FF99040301").error(), HasSubstr("data format 3 has 14 bytes"));
  EXPECT_THAT(parse_ruuvi("05FF99040412").error(), HasSubstr("data format 4, known are 3, 5, 6 and E1"));
  EXPECT_THAT(parse_ruuvi("05FF99040512").error(), HasSubstr("24 bytes"));
}

}  // namespace
}  // namespace weather::sensors
