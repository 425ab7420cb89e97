// The longest id of a sensor that is taken as one: what is remembered of sensors is counted by sensors, so a
// sensor must not be of any size. A message with a longer one is kept raw, with the reason id_too_long.
#pragma once

#include <cstddef>

namespace weather::sensors {

inline constexpr std::size_t max_sensor_id_bytes = 255;
// Of an id with the name and part of a quantity; values under a longer one are not compared with the next.
inline constexpr std::size_t max_series_key_bytes = 512;

}  // namespace weather::sensors
