// Addresses of Bluetooth devices. Pure; any thread.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace weather::sensors::bluetooth {

// The 48 bits, A4:C1:38:00:00:01 is 0xA4C138000001.
using Address = std::uint64_t;

std::optional<Address> parse_address(std::string_view text);  // in any letter case
std::string address_text(Address address);                    // "A4:C1:38:00:00:01"
std::array<std::uint8_t, 6> address_bytes(Address address);   // in the order they are written

// "/org/bluez/hci0/dev_A4_C1_38_00_00_01", and nothing below it; else nothing.
std::optional<Address> address_of_path(std::string_view path);
std::string device_path(std::string_view adapter_path, Address address);

}  // namespace weather::sensors::bluetooth
