// Vectors: Ruuvi's documentation of its data formats; those of all formats are in unit_mapping.
#include "sensors/bluetooth/ruuvi_tag.hpp"

#include <gmock/gmock.h>

#include "tests/unit/bluetooth/said.hpp"

namespace weather::sensors::bluetooth {
namespace {

std::string ruuvi(std::string bytes) {
  return said(decode_ruuvi, {"CB:B8:33:4C:88:4F", std::move(bytes)});
}

TEST(RuuviTag, Format5) {
  EXPECT_EQ(
      ruuvi("0512FC5394C37C0004FFFC040CAC364200CDCBB8334C884F"),
      R"({"temperature":24.3,"humidity":53.49,"pressure":1000.44,"acceleration_x_g":0.004,)"
      R"("acceleration_y_g":-0.004,"acceleration_z_g":1.036,"movement_count":66,"battery_voltage":2.977} #205)");
}

TEST(RuuviTag, Format5WithoutValues) {
  EXPECT_EQ(ruuvi("058000FFFFFFFF800080008000FFFFFFFFFFFFFFFFFFFFFF"),
            R"({"temperature":null,"humidity":null,"pressure":null,"acceleration_x_g":null,)"
            R"("acceleration_y_g":null,"acceleration_z_g":null,"movement_count":null})");
}

TEST(RuuviTag, Format3HasNoNumber) {
  EXPECT_EQ(ruuvi("03291A1ECE1EFC18F94202CA0B53"),
            R"({"temperature":26.3,"humidity":20.5,"pressure":1027.66,"acceleration_x_g":-1,)"
            R"("acceleration_y_g":-1.726,"acceleration_z_g":0.714,"battery_voltage":2.899})");
}

TEST(RuuviTag, Format6) {
  EXPECT_EQ(ruuvi("06170C5668C79E007000C90501D900CD004C884F"),
            R"({"temperature":29.5,"humidity":55.3,"pressure":1011.02,"pm2_5":11.2,"co2":201,"voc_index":10,)"
            R"("nox_index":2,"illuminance":13030} #205)");
}

TEST(RuuviTag, OtherFormatsAndCutOnes) {
  EXPECT_EQ(ruuvi("0412"), "malformed");
  EXPECT_EQ(ruuvi("0512FC"), "malformed");
  EXPECT_EQ(ruuvi(""), "malformed");
}

}  // namespace
}  // namespace weather::sensors::bluetooth
