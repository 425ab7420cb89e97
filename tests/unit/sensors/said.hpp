// What a decoder said, as one text.
#pragma once

#include <string>

#include "sensors/reading/render.hpp"
#include "sensors/reading/time.hpp"
#include "sensors/sink.hpp"

namespace weather::sensors {

// Key, time (- without one) and value, a line for each reading; or the reason.
inline std::string said_of(const Decoded& readings) {
  if (!readings) return "!" + readings.error().reason;
  std::string out;
  for (const auto& reading : *readings)
    out += (out.empty() ? "" : "\n") + reading.sensor_id() + " " +
           (reading.event_time_ns() == 0 ? "-"
                                         : format_time(static_cast<std::int64_t>(reading.event_time_ns()))) +
           " " + render_value_json(reading);
  return out;
}

}  // namespace weather::sensors
