// The families of sensors that are understood, a row each: where in an advertisement their data is, and who
// reads it. Pure.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "sensors/bluetooth/decoded.hpp"

namespace weather::sensors::bluetooth {

enum class Under : std::uint8_t { company, service };

struct Family {
  std::string_view name;  // as in the configuration
  Under under;
  std::span<const std::uint16_t> numbers;
  Result (*decode)(const Piece& piece);
  std::string_view id_prefix;  // of its sensors: "ble:"
};

std::span<const Family> families();

// What of an advertisement is looked for: AdvertisementMonitor1's pattern at the begin of a structure.
struct Pattern {
  std::uint8_t type = 0;  // of the structure: 0xFF manufacturer data, 0x16 service data
  std::vector<std::uint8_t> begin;
};
std::vector<Pattern> patterns(std::span<const Family* const> of);

}  // namespace weather::sensors::bluetooth
