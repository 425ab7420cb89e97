// The devices and files that sources read, for `weather-gateway check`: whether they are there and may be
// opened by the user who asks. Opens none of them.
#pragma once

#include <vector>

#include "gateway/config/config.hpp"
#include "gateway/doctor/finding.hpp"

namespace weather::gateway {

// Of [[i2c]], [[serial]] and [[nmea]] the devices, of [[lines]] the files.
std::vector<Finding> look_at_devices(const Config& config);

}  // namespace weather::gateway
