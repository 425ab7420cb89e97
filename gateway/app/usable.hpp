// What is in the files that a configuration names, judged as the program uses it, before anything is started:
// for `check`, a start and a reload alike. What is not there yet is a state to wait in (doctor/place.hpp) and
// no fault; what is there and can never be used is one.
#pragma once

#include <vector>

#include "bridge/options/options.hpp"
#include "gateway/config/config.hpp"
#include "gateway/config/load.hpp"

namespace weather::gateway {

std::vector<ConfigError> unusable_files(const Config& config, const bridge::ForwarderOptions& kafka);

}  // namespace weather::gateway
