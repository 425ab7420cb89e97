// What a device said, as bluetoothd tells it. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sensors/bluetooth/address.hpp"

namespace weather::sensors::bluetooth {

using Bytes = std::span<const std::uint8_t>;

// Data under a number: of a company, or of a service by its 16 bits.
struct AdvertisedData {
  std::uint16_t number = 0;
  std::vector<std::uint8_t> bytes;
};

struct Advertisement {
  Address address = 0;
  std::string name;  // empty: it has said none yet, or none that counts here
  std::optional<std::int16_t> rssi_dbm;
  std::vector<AdvertisedData> manufacturer, service;
};

// The number in "0000fcd2-0000-1000-8000-00805f9b34fb"; nothing: a UUID of its own.
std::optional<std::uint16_t> short_uuid(std::string_view uuid);

// Numbers of the bytes at a place that must be in them.
std::uint32_t little(Bytes bytes, std::size_t at, std::size_t size);
std::uint32_t big(Bytes bytes, std::size_t at, std::size_t size);
// The same with the highest bit as the sign.
std::int32_t as_signed(std::uint32_t value, std::size_t size);

}  // namespace weather::sensors::bluetooth
