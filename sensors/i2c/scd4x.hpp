// Sensirion SCD40 and SCD41: CO2, temperature and humidity. The chip measures every 5 s by itself.
// Source: datasheet SCD4x, version 1.7 (2025), chapters 3.3 to 3.7.
#pragma once

#include <memory>

#include "sensors/i2c/chip.hpp"

namespace weather::sensors::i2c {

// Nine bytes: ppm; T = -45 + 175 word / (2^16 - 1); RH = 100 word / (2^16 - 1). No CO2 at all is no value.
Measured decode_scd4x(const Bytes& bytes);

std::unique_ptr<Chip> make_scd4x(const ChipSettings& settings);

}  // namespace weather::sensors::i2c
