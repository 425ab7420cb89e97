// Thermometers of Govee. Nothing of it is documented by Govee: what the bytes mean was found out by those who
// wrote govee-ble and Theengs, and is compared with both (tests/integration/test_oracles.py). Pure; any
// thread.
//
//   company 0xEC88, 6 bytes (H5072, H5075): 0 | 24 bits: a sign, then temperature in 0.1 Cel times 1000 and
//     humidity in 0.1 % | battery: a bit for a fault, 7 bits % | 0
//   0xEC88, 7 or 9 (H5074; H5051, H5052, H5071): 0 | temperature i16 0.01 | humidity u16 0.01 | battery u8 |
//     ..., little-endian
//   0x8801, 9 (H5179): 4 bytes | the same
//   0x0001, 6 or 8 (H5100 to H5110, H5174, H5177, GV5179): 1 1 | the 24 bits | battery | ...; 9 (H5178): 1 0
//   |
//     0 the thermometer itself, 1 its remote sensor | the 24 bits | battery | ...
//   0x0001, 6 (H5106): 1 1 | 32 bits: a sign, then temperature times 1,000,000, humidity times 1000 and PM2.5
//   0x0001, 8 (H5140): 1 1 | the 24 bits | CO2 u16, big-endian | fault
#pragma once

#include "sensors/bluetooth/decoded.hpp"

namespace weather::sensors::bluetooth {

// Two of the numbers are other companies', which the devices use all the same.
inline constexpr std::uint16_t govee_ec88 = 0xEC88, govee_0001 = 0x0001, govee_8801 = 0x8801;

bool is_govee_name(std::string_view name);
Result decode_govee(const Piece& piece);

}  // namespace weather::sensors::bluetooth
