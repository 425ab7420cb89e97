#include "sensors/bluetooth/address.hpp"

#include <gmock/gmock.h>

#include "sensors/bluetooth/advertisement.hpp"
#include "sensors/bluetooth/keys.hpp"

namespace weather::sensors::bluetooth {
namespace {

constexpr Address address = 0xA4C138AABBCC;

TEST(BluetoothAddress, IsReadInAnyLetterCaseAndWrittenInOne) {
  EXPECT_EQ(parse_address("a4:c1:38:AA:bb:CC"), address);
  EXPECT_EQ(address_text(address), "A4:C1:38:AA:BB:CC");
  for (const auto* wrong :
       {"", "A4:C1:38:AA:BB", "A4:C1:38:AA:BB:CC:", "A4-C1-38-AA-BB-CC", "A4:C1:38:AA:BB:CG"})
    EXPECT_FALSE(parse_address(wrong)) << wrong;
}

TEST(BluetoothAddress, IsInThePathOfADevice) {
  EXPECT_EQ(device_path("/org/bluez/hci0", address), "/org/bluez/hci0/dev_A4_C1_38_AA_BB_CC");
  EXPECT_EQ(address_of_path("/org/bluez/hci0/dev_A4_C1_38_AA_BB_CC"), address);
  EXPECT_FALSE(address_of_path("/org/bluez/hci0"));
  EXPECT_FALSE(address_of_path("/org/bluez/hci0/dev_A4_C1_38_AA_BB_CC/service0001"));
}

TEST(BluetoothUuid, HasANumberIfItIsOneOfTheStandards) {
  EXPECT_EQ(short_uuid("0000fcd2-0000-1000-8000-00805f9b34fb"), 0xFCD2);
  EXPECT_FALSE(short_uuid("1000fcd2-0000-1000-8000-00805f9b34fb"));
  EXPECT_FALSE(short_uuid("0000fcd2-0000-1000-8000-00805f9b34fc"));
  EXPECT_FALSE(short_uuid("0000xcd2-0000-1000-8000-00805f9b34fb"));
  EXPECT_FALSE(short_uuid("fcd2"));
}

TEST(BluetoothKeys, AreOneALineBehindTheirAddress) {
  const auto keys = parse_keys("# kitchen\na4:c1:38:aa:bb:cc  231d39c1d7cc1ab1aee224cd096db932 # roof\n\n");
  ASSERT_TRUE(keys);
  ASSERT_EQ(keys->size(), 1U);
  EXPECT_EQ(keys->at(address)[0], 0x23);
  EXPECT_EQ(keys->at(address)[15], 0x32);
}

TEST(BluetoothKeys, AreNotShownWhereALineIsWrong) {
  constexpr auto key = "231d39c1d7cc1ab1aee224cd096db932";
  const auto first = std::string("A4:C1:38:AA:BB:CC ") + key;
  for (const auto& [text, line] : {std::pair(std::string(key), "line 1"),
                                   {first + "0", "line 1"},
                                   {first + " more", "line 1"},
                                   {"\nA4:C1:38:AA:BB:CC\n", "line 2"},
                                   {first + "\n" + first, "line 2"},
                                   {"A4:C1:38:AA:BB:CC 231d39c1d7cc1ab1aee224cd096db93x", "line 1"}}) {
    const auto keys = parse_keys(text);
    ASSERT_FALSE(keys) << text;
    EXPECT_THAT(keys.error(), testing::StartsWith(line));
    EXPECT_THAT(keys.error(), testing::Not(testing::HasSubstr("231d")));
  }
}

}  // namespace
}  // namespace weather::sensors::bluetooth
