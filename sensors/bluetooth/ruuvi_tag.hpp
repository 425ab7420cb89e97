// RuuviTag and Ruuvi Air, manufacturer data 0x0499: the formats of sensors/mapping/ruuvi.hpp with the names
// that the preset ruuvi has for them. Pure; any thread.
#pragma once

#include "sensors/bluetooth/decoded.hpp"

namespace weather::sensors::bluetooth {

inline constexpr std::uint16_t ruuvi_innovations = 0x0499;
inline constexpr const char *ruuvi_air_short = "Ruuvi Air 6", *ruuvi_air_long = "Ruuvi Air E1";

Result decode_ruuvi(const Piece& piece);

}  // namespace weather::sensors::bluetooth
