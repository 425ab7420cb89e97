// Ruuvi data format 5 ("RAWv2", docs.ruuvi.com/communication/bluetooth-advertisements), as a Ruuvi Gateway
// publishes it: the whole BLE advertisement in hexadecimal.
//
//   02 01 06 | 1B FF 99 04 | 05 | temperature i16 0.005 Cel | humidity u16 0.0025 % | pressure u16 Pa - 50000
//   | acceleration 3 x i16 mG | u16: 11 bits battery mV - 1600, 5 bits tx power (dBm + 40) / 2 | movement u8
//   | sequence u16 | address 6 bytes
// Big-endian. All ones (unsigned) or 0x8000 (signed) say that there is no value: a null leaf.
//
// Pure; any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <tl/expected.hpp>

#include "sensors/mapping/leaf.hpp"

namespace weather::sensors {

// Leaves /ruuvi/temperature, humidity, pressure, battery_mv, acceleration_x ... z, tx_power_dbm, movement,
// sequence, address. The error says what is wrong with the text.
tl::expected<std::vector<Leaf>, std::string> parse_ruuvi(std::string_view hexadecimal);

}  // namespace weather::sensors
