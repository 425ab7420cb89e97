// A report of the pulse machine as a reading. Pure.
#pragma once

#include <optional>
#include <string>

#include "sensors/pulse/pulse_machine.hpp"
#include "sensors/reading/reading.pb.h"

namespace weather::sensors {

struct PulseScale {
  double mm_per_tip = 0;                  // rain
  double m_s_per_hz = 0, m_s_offset = 0;  // wind: speed = offset + pulses a second * m_s_per_hz, 0 in a calm
};

// What the vane said during a window.
struct VaneWindow {
  std::optional<double> mean_degrees;
  std::string error;  // why a sample is missing; empty: none is
};

// rain: the counter, in mm. count: pulse_count, a counter. wind: the mean of the window, the gust, which is
// the busiest three seconds and never less than the mean, and the direction; in a calm there is none. A
// direction that the vane did not say is an explicit null with its error beside it.
v1::Reading pulse_reading(const std::string& sensor_id, const PulseRules& rules, const PulseScale& scale,
                          const PulseReport& report, const VaneWindow* vane);

}  // namespace weather::sensors
