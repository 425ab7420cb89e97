// Vectors: the tests of govee-ble 1.5 (PyPI), which are advertisements that users sent in.
#include "sensors/bluetooth/govee.hpp"

#include <gmock/gmock.h>

#include "tests/unit/bluetooth/said.hpp"

namespace weather::sensors::bluetooth {
namespace {

std::string govee(std::string name, std::uint16_t company, std::string bytes) {
  return said(decode_govee, {"A4:C1:38:DD:DB:F8", std::move(bytes), {}, std::move(name), company});
}

TEST(Govee, H5075AndItsKind) {
  EXPECT_EQ(govee("GVH5075_DBF8", govee_ec88, "00034db26400"),
            R"({"temperature":21.6,"humidity":49.8,"battery_level":100})");
  EXPECT_EQ(govee("", govee_ec88, "00030fc93500"),
            R"({"temperature":20,"humidity":64.9,"battery_level":53})");
  EXPECT_EQ(govee("GVH5072_ABCD", govee_ec88, "0080d16c6400"),
            R"({"temperature":-5.3,"humidity":61.2,"battery_level":100})");
}

TEST(Govee, WithTheTextOfTheIbeaconBehindIt) {
  EXPECT_EQ(
      govee("GVH5075_2762", govee_ec88, "000341c264004c000215494e54454c4c495f524f434b535f48575075f2ff0c"),
      R"({"temperature":21.3,"humidity":44.2,"battery_level":100})");
}

TEST(Govee, AFaultAndWhatIsOutOfRangeAreNoValues) {
  EXPECT_EQ(govee("GVH5075_2762", govee_ec88, "00bc00043e27"),
            R"({"temperature":null,"humidity":null,"battery_level":62})");
  EXPECT_EQ(govee("GVH5075_2762", govee_ec88, "004a00283b00"),
            R"({"temperature":null,"humidity":null,"battery_level":59})");
  EXPECT_EQ(govee("GV51085242", govee_0001, "010103c730e40000"),
            R"({"temperature":null,"humidity":null,"battery_level":100})");
  EXPECT_EQ(govee("Govee_H5074_5FF4", govee_ec88, "000080ffff6402"),
            R"({"temperature":null,"humidity":null,"battery_level":100})");
}

TEST(Govee, H5074AndItsKind) {
  EXPECT_EQ(govee("Govee_H5074_5FF4", govee_ec88, "00e609bc126402"),
            R"({"temperature":25.34,"humidity":47.96,"battery_level":100})");
  EXPECT_EQ(govee("", govee_ec88, "00ba0af90f63020101"),
            R"({"temperature":27.46,"humidity":40.89,"battery_level":99})");
  EXPECT_EQ(govee("Govee_H5179_1234", govee_8801, "ec000101b4082a1564"),
            R"({"temperature":22.28,"humidity":54.18,"battery_level":100})");
}

TEST(Govee, ThoseUnderAnotherCompanysNumber) {
  EXPECT_EQ(
      govee("GVH5177_2EC8", govee_0001, "0101033626644c000215494e54454c4c495f524f434b535f48575177f2ffc2"),
      R"({"temperature":21,"humidity":47,"battery_level":100})");
  EXPECT_EQ(govee("GVH5100_7738", govee_0001, "010103465464"),
            R"({"temperature":21.4,"humidity":61.2,"battery_level":100})");
  EXPECT_EQ(govee("B51782BC8", govee_0001, "01000003b2fa640002"),
            R"({"temperature":24.2,"humidity":42.6,"battery_level":100})");
  EXPECT_EQ(govee("B51782BC8", govee_0001, "01000103b2fa640002"),
            R"({"temperature_remote":24.2,"humidity_remote":42.6,"battery_level":100})");
  EXPECT_EQ(govee("GVH5106_4E05", govee_0001, "01010ed13298"),
            R"({"temperature":24.8,"humidity":59.1,"pm2_5":0})");
  EXPECT_EQ(govee("GVH5106_4E05", govee_0001, "010181867cd8"),
            R"({"temperature":-2.5,"humidity":59.1,"pm2_5":0})");
  EXPECT_EQ(govee("GV5140303A", govee_0001, "0101033dee023e00"),
            R"({"temperature":21.2,"humidity":46.2,"co2":574})");
  EXPECT_EQ(govee("GV5140303A", govee_0001, "0101031abc025801"),
            R"({"temperature":null,"humidity":null,"co2":null})");
}

TEST(Govee, AreTakenUnderAnotherCompanysNumberByTheirNameOnly) {
  EXPECT_EQ(govee("RZSS", govee_0001, "01010b005864"), "foreign");
  EXPECT_EQ(govee("", govee_0001, "010103465464"), "no_name");
  EXPECT_EQ(govee("", govee_0001, "020103465464"), "foreign");
  EXPECT_FALSE(is_govee_name("GV_Anything"));
  EXPECT_FALSE(is_govee_name("Heater_H5075"));
  EXPECT_TRUE(is_govee_name("GVH5075_2762"));
}

TEST(Govee, OtherDevicesOfTheCompany) {
  EXPECT_EQ(govee("GV51225634", govee_ec88, "0108f30ad232393756340105"), "foreign");
  EXPECT_EQ(govee("GVH5112_1234", govee_0001, "0101033626640041"), "foreign");
  EXPECT_EQ(govee("GVH5075_2762", govee_ec88, ""), "malformed");
}

}  // namespace
}  // namespace weather::sensors::bluetooth
