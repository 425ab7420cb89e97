// [backlog] to the forwarder's options.
#pragma once

#include <vector>

#include "bridge/options/options.hpp"
#include "gateway/config/config.hpp"
#include "gateway/config/load.hpp"

namespace weather::gateway {

// Faults go to `errors`, each with its place.
bridge::BacklogOptions backlog_options(const Config& config, std::vector<ConfigError>& errors);

}  // namespace weather::gateway
