// What of [[i2c]] can be wrong beyond the single key: two chips of one address, a setting of another chip.
// Pure.
#pragma once

#include <vector>

#include "gateway/config/load.hpp"

namespace weather::gateway {

std::vector<ConfigError> i2c_faults(const Config& config);

}  // namespace weather::gateway
