// Format "ecowitt": the "customized upload" of Ecowitt, Froggit, Ambient and other Fine Offset consoles, an
// HTTP POST of a form. Pure.
//
// The sensor id is ecowitt:<model without version>:<first 8 digits of SHA-256(PASSKEY)>; the PASSKEY itself
// goes nowhere. baromrelin is calibrated by the user, so it is kept apart as pressure at sea level. The rain
// counters have different moments of reset, so each is a part of its own.
#pragma once

#include <span>

#include "sensors/decoders/station_fields.hpp"
#include "sensors/sink.hpp"

namespace weather::sensors {

// Errors: "no_sensor_id", "no_quantity", "empty".
Decoded decode_ecowitt(const Message& message);

std::span<const StationField> ecowitt_fields();  // for the table of docs/sensors.md

}  // namespace weather::sensors
