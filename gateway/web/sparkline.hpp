// The last hour of a sensor as a line in a field of 120 x 24. Pure.
#pragma once

#include <string>
#include <vector>

#include "gateway/status/status.hpp"

namespace weather::gateway {

// "0,22.0 2,14.5 ...": two units a minute; minutes without a reading are left out. Empty for fewer than two.
std::string sparkline_points(const std::vector<float>& recent);
// What a screen reader says instead: "temperature in the last hour: least 12.1, most 14.9, now 13.2 °C".
std::string sparkline_label(const SensorStatus& sensor);
// What everybody else needs beside it: "temperature 12.1 to 14.9 °C".
std::string sparkline_scale(const SensorStatus& sensor);

}  // namespace weather::gateway
