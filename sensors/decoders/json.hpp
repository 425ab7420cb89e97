// Format "json": the event as the Kafka consumers know it, or a flat object. Pure.
//
// {"key":"sensor-001","value":{"temperature":22.5},"timestamp":"2025-09-20T06:30:00Z","headers":{"unit":"metric"}}
// {"id":"sensor-001","temperature":22.5,"humidity":60,"location":"Nairobi","time":"2025-09-20T06:30:00Z"}
//
// An array of either is several readings. The id comes from key (event) or id, sensor_id, key (flat), or else
// is the topic's last level. The time comes from time, timestamp or ts: RFC 3339 with a zone, or a unix
// number in s, ms, us or ns; without one the arrival counts. Every other scalar is a quantity in its order, a
// text "location" is the location's name, objects and arrays go to extra_json. Nothing is left out.
#pragma once

#include "sensors/sink.hpp"

namespace weather::sensors {

// Errors beside those of JsonDocument: "not_object", "no_sensor_id", "no_quantity", "too_many".
Decoded decode_json(const Message& message);

}  // namespace weather::sensors
