// The custom formats of the firmwares for Xiaomi's thermometers, service data 0x181A
// (https://github.com/pvvx/ATC_MiThermometer#bluetooth-advertising-formats). Pure; any thread.
//
//   atc1441, 13 bytes, big-endian: address | temperature i16 0.1 Cel | humidity u8 % | battery u8 % | u16 mV
//   | counter u8
//   pvvx, 15 bytes, little-endian: address | temperature i16 0.01 Cel | humidity u16 0.01 % | battery u16 mV
//   | u8 % | counter u8 | flags u8
//   encrypted, 11 bytes of pvvx: counter u8 | temperature | humidity | battery u8 % | flags, then the tag; 8
//   bytes of atc1441: counter u8 | temperature u8 0.5 Cel - 40 | humidity u8 0.5 % | battery 7 bits %
#pragma once

#include "sensors/bluetooth/decoded.hpp"

namespace weather::sensors::bluetooth {

inline constexpr std::uint16_t environmental_sensing = 0x181A;

Result decode_atc(const Piece& piece);

}  // namespace weather::sensors::bluetooth
