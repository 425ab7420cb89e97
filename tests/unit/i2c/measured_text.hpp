// What was measured as a line, for tests.
#pragma once

#include <string>

#include "sensors/i2c/measured.hpp"
#include "sensors/i2c/words.hpp"
#include "sensors/reading/number.hpp"

namespace weather::sensors::i2c {

// "air_temperature 25 Cel, co2 500 [ppm]", and behind " | " what is wrong.
inline std::string text_of(const Measured& measured) {
  std::string out;
  for (const auto& value : measured.values)
    out += (out.empty() ? "" : ", ") + std::string(value.quantity) + " " + format_number(value.value) +
           (value.unit.empty() ? "" : " ") + std::string(value.unit);
  return out + (measured.fault.empty() ? "" : " | " + measured.fault);
}

// Words with their checksums, as a chip sends them.
inline Bytes sent(const Words& words, std::uint8_t begin = sensirion_crc) {
  Bytes out;
  for (const auto word : words) {
    const Bytes bytes{static_cast<std::uint8_t>(word >> 8), static_cast<std::uint8_t>(word & 0xFF)};
    out.insert(out.end(), bytes.begin(), bytes.end());
    out.push_back(crc8(bytes, begin));
  }
  return out;
}

}  // namespace weather::sensors::i2c
