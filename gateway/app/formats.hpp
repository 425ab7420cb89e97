// Every format a source can name: built in, presets, and the user's own mappings.
#pragma once

#include <vector>

#include "gateway/config/config.hpp"
#include "gateway/config/load.hpp"
#include "sensors/decoders/registry.hpp"

namespace weather::gateway {

sensors::Registry make_registry(const Config& config);

// A format nobody knows, with its place and the nearest name.
std::vector<ConfigError> check_formats(const Config& config);

}  // namespace weather::gateway
