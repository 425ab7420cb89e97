// The lines of GPIO that are configured, for `weather-gateway check`: opens their chips and takes no line.
#pragma once

#include <vector>

#include "gateway/config/config.hpp"
#include "gateway/doctor/finding.hpp"

namespace weather::gateway {

std::vector<Finding> look_at_pulses(const Config& config);

}  // namespace weather::gateway
