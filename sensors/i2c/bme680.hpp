// Bosch BME680 and BME688: temperature, humidity, pressure, and the resistance of a heated plate that gases
// change. Measures on command.
// Source: datasheet BST-BME680-DS001, chapters 3.2, 3.4 and 5.3.
#pragma once

#include <memory>

#include "sensors/i2c/bme680_formulas.hpp"
#include "sensors/i2c/chip.hpp"

namespace weather::sensors::i2c {

// Registers 0x1D to 0x2D. What was left out (its highest bit alone), and a plate that was not warm or not
// measured yet, are no values.
inline constexpr std::size_t bme680_field = 17;
bool bme680_has_new(const Bytes& field);
Measured decode_bme680(const Bytes& field, const Bme680Calibration& calibration);

std::unique_ptr<Chip> make_bme680(const ChipSettings& settings);

}  // namespace weather::sensors::i2c
