// Sensirion SEN50, SEN54 and SEN55: particles; from SEN54 on temperature, humidity and VOC index; SEN55 NOx
// index. They measure every second by themselves, with a fan.
// Source: datasheet SEN5x, version 2 (2022), chapters 5 and 6.
#pragma once

#include <cstdint>
#include <memory>

#include "sensors/i2c/chip.hpp"

namespace weather::sensors::i2c {

// Eight words: PM1, PM2.5, PM4, PM10 in 0.1 ug/m3, unsigned, 0xFFFF is unknown; RH in 0.01 %, T in 1/200
// degC, VOC and NOx index in 0.1, signed, 0x7FFF is unknown. What is unknown is left out without a word: half
// of them are in the smaller modules, and for a while after a start. An index begins at 1; 0 is "not yet".
// `status`: the device status register. What a part that failed says is left out.
Measured decode_sen5x(const Bytes& bytes, std::uint32_t status);

std::unique_ptr<Chip> make_sen5x(const ChipSettings& settings);

}  // namespace weather::sensors::i2c
