// Sensirion SHTC3: temperature and humidity, asleep between two measurements.
// Source: datasheet SHTC3, version 4 (2023), chapters 5 and 6.
#pragma once

#include <memory>

#include "sensors/i2c/chip.hpp"

namespace weather::sensors::i2c {

// Six bytes, temperature first: T = -45 + 175 word / 2^16, RH = 100 word / 2^16.
Measured decode_shtc3(const Bytes& bytes);

std::unique_ptr<Chip> make_shtc3(const ChipSettings& settings);

}  // namespace weather::sensors::i2c
