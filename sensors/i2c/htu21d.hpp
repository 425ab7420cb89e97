// TE (Measurement Specialties) HTU21D(F): temperature and humidity.
// Source: datasheet HPC199_6, pages 10 to 15.
#pragma once

#include <memory>

#include "sensors/i2c/chip.hpp"

namespace weather::sensors::i2c {

// Three bytes each; the two lowest bits of a word are a status. T = -46.85 + 175.72 word / 2^16.
// RH = -6 + 125 word / 2^16 at 25 degC, and -0.15 %RH for each degree below (the datasheet has that from 0 to
// 80 degC; beyond, what is right at the end). A little outside of 0 to 100 is the nearer of both.
Measured decode_htu21d(const Bytes& temperature, const Bytes& humidity);

std::unique_ptr<Chip> make_htu21d(const ChipSettings& settings);

}  // namespace weather::sensors::i2c
