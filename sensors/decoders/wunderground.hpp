// Format "wunderground": the upload protocol of Weather Underground personal weather stations, the query of
// an HTTP GET, as Ambient, Acurite, Observer, Davis bridges and others send it. Pure.
//
// Both styles: updateweatherstation.php with imperial names (tempf), and .asp with metric ones (outtemp). The
// sensor id is wunderground:<ID>[:<sensor>], because an Acurite bridge sends each of its sensors in messages
// of its own, and each of those only a part of what the sensor measures. The PASSWORD goes nowhere.
#pragma once

#include <span>

#include "sensors/decoders/station_fields.hpp"
#include "sensors/sink.hpp"

namespace weather::sensors {

// Errors: "no_sensor_id", "no_quantity", "empty".
Decoded decode_wunderground(const Message& message);

std::span<const StationField> wunderground_fields();  // for the table of docs/sensors.md

}  // namespace weather::sensors
