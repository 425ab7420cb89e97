// The upload of the bridges LW301 and LW302 (Oregon Scientific): POST /update, a form for each sensor.
//
//   mac=0004a36903fe&id=84&rid=9d&pwr=0&htr=0&cz=3&oh=90&ttr=0&ot=11.9&ch=1   temperature, humidity, channel
//   ch mac=0004a36903fe&id=90&rid=63&pwr=0&gw=0&av=0&wd=315&wg=1.9&ws=1.1        wind
//   mac=0004a36903fe&id=8e&rid=af&pwr=0&or=0&uvh=0&uv=125                     uvh: the index; uv: a raw count
//   mac=0004a36903fe&id=c2&pv=0&lb=0&ac=0&reg=1803&lost=0000&baro=806&wfor=3  the bridge's barometer
// The bridge is the device: rid changes with a sensor's battery. No document says in which unit the rain
// fields (rr, rfa) are: they are kept as they come, and so are the trends, the comfort zone (cz) and the
// forecast. Pure; any thread.
#pragma once

#include "sensors/sink.hpp"

namespace weather::sensors {

// Errors: "no_sensor_id", "no_quantity".
Decoded decode_lw30x(const Message& message);

}  // namespace weather::sensors
