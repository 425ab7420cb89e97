// Format "weatherlink": what a Davis WeatherLink Live answers to GET /v1/current_conditions, and what it
// broadcasts to UDP port 22222 after /v1/real_time
// (https://weatherlink.github.io/weatherlink-live-local-api). Pure.
//
//   {"data":{"did":"001D0A700002","ts":1531754005,"conditions":[
//      {"lsid":48308,"data_structure_type":1,"txid":1,"temp":62.7,"rain_size":2,"rainfall_daily":63, ...},
//      {"lsid":48306,"data_structure_type":3,"bar_absolute":30.008, ...}]},"error":null}
//   {"did":"001D0A700002","ts":1532031640,"conditions":[{"lsid":3187671188,"txid":1,"wind_speed_last":0.08,
//   ...}]}
//
// Each transmitter is the sensor davis:DID:TXID, the box itself, with its barometer and indoor values,
// davis:DID: one reading each. null is a missing value. Rain is counted in tips, whose amount rain_size says;
// with another rain_size the counts stay as they came. A transmitter that is no longer heard (rx_state 2)
// repeats its last values: they are doubtful.
#pragma once

#include <span>

#include "sensors/decoders/station_fields.hpp"
#include "sensors/sink.hpp"

namespace weather::sensors {

// Errors beside those of JsonDocument: "not_weatherlink", "weatherlink_error" (what it answered instead),
// "no_sensor_id", "no_quantity", "too_many".
Decoded decode_weatherlink(const Message& message);

// For the table of docs/sensors.md.
std::span<const StationField> weatherlink_fields();
std::span<const StationField> weatherlink_rain_fields();  // in tips

}  // namespace weather::sensors
