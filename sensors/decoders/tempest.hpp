// Format "tempest": what the hub of a WeatherFlow Tempest, AIR or SKY broadcasts to UDP port 50222
// (https://weatherflow.github.io/Tempest/api/udp). Pure.
//
//   {"serial_number":"ST-00000512","type":"obs_st","hub_sn":"HB-00013030",
//    "obs":[[1588948614,0.18,0.22,0.27,144,6,1017.57,22.37,50.26,328,0.03,3,0.000000,0,0,0,2.410,1]],
//    "firmware_revision":129}
//   {"serial_number":"ST-00000512","type":"rapid_wind","hub_sn":"HB-00013030","ob":[1588948617,0.3,144]}
//   {"serial_number":"ST-00000512","type":"evt_strike","hub_sn":"HB-00013030","evt":[1588948620,27,3848]}
//
// The type says what the places of the array are, and the first is the time in seconds; null is a missing
// value. Each array of "obs" is a reading. device_status and hub_status name their members. The sensor id is
// tempest:SERIAL_NUMBER. Of another type, which the hub sends while it is debugged, nothing is read, unless
// its name says that it is an observation.
#pragma once

#include <span>
#include <vector>

#include "sensors/decoders/station_fields.hpp"
#include "sensors/sink.hpp"

namespace weather::sensors {

// Errors beside those of JsonDocument: "not_tempest", "unknown_type", "no_sensor_id", "no_quantity",
// "too_many".
Decoded decode_tempest(const Message& message);

std::vector<std::span<const StationField>> tempest_fields();  // for the table of docs/sensors.md

}  // namespace weather::sensors
