// NMEA 0183 over a line.
#pragma once

#include "sensors/buses/nmea.hpp"
#include "sensors/buses/serial.hpp"

namespace weather::sensors {

// `line` with the decoder of sentences: their beginning can be recognised, and those of which no reading is
// made are counted by their name.
SerialOptions nmea_serial(SerialOptions line, NmeaOptions nmea);

}  // namespace weather::sensors
