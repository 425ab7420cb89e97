// Format "senml": Sensor Measurement Lists in JSON, RFC 8428. Pure.
//
// Records are resolved (section 4.6) and those of one device and one time become one reading. The device is
// the base name without its trailing separator, or else what stands before the last ':' or '/' of the name.
// Times below 2^28 are relative to the arrival.
#pragma once

#include "sensors/sink.hpp"

namespace weather::sensors {

// Errors beside those of JsonDocument: "not_senml", "no_sensor_id", "no_quantity", "too_many",
// "senml_version".
Decoded decode_senml(const Message& message);

}  // namespace weather::sensors
