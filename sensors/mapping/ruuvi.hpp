// Ruuvi data formats 3, 5, 6 and E1 (docs.ruuvi.com/communication/bluetooth-advertisements), as a Ruuvi
// Gateway publishes them: the whole BLE advertisement in hexadecimal. Of them format 5, "RAWv2":
//
//   02 01 06 | 1B FF 99 04 | 05 | temperature i16 0.005 Cel | humidity u16 0.0025 % | pressure u16 Pa - 50000
//   | acceleration 3 x i16 mG | u16: 11 bits battery mV - 1600, 5 bits tx power (dBm + 40) / 2 | movement u8
//   | sequence u16 | address 6 bytes
// Big-endian. All ones (unsigned) or 0x8000 (signed) say that there is no value: a null leaf.
//
// Pure; any thread.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <tl/expected.hpp>

#include "sensors/mapping/leaf.hpp"

namespace weather::sensors {

// Leaves /ruuvi/temperature, humidity, pressure; of tags (3, 5) battery_mv, acceleration_x ... z,
// tx_power_dbm, movement, sequence, address; of Ruuvi Air (6, E1) pm1 ... pm10, co2, voc, nox, luminosity,
// sequence. The error says what is wrong with the text.
tl::expected<std::vector<Leaf>, std::string> parse_ruuvi(std::string_view hexadecimal);
// The same of the manufacturer data alone, from its format on, as a receiver of the tag's own advertisements
// has it.
tl::expected<std::vector<Leaf>, std::string> parse_ruuvi_data(std::span<const std::uint8_t> data);

}  // namespace weather::sensors
