// The vectors are those of Ruuvi's documentation of data format 5.
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

TEST(Ruuvi, WhatIsNoDataFormat5IsRefusedInWords) {
  EXPECT_THAT(parse_ruuvi("").error(), HasSubstr("not hexadecimal"));
  EXPECT_THAT(parse_ruuvi("0201zz").error(), HasSubstr("not hexadecimal"));
  EXPECT_THAT(parse_ruuvi("020106").error(), HasSubstr("no manufacturer data"));
  EXPECT_THAT(parse_ruuvi("0201061BFF99").error(), HasSubstr("no manufacturer data"));
  EXPECT_THAT(parse_ruuvi("05FF99040301").error(), HasSubstr("data format 3"));
  EXPECT_THAT(parse_ruuvi("05FF99040512").error(), HasSubstr("24 bytes"));
}

}  // namespace
}  // namespace weather::sensors
