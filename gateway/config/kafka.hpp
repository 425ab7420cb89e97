// [kafka] and client.properties to the forwarder's options. Reads properties_file.
#pragma once

#include <vector>

#include <tl/expected.hpp>

#include "bridge/options/options.hpp"
#include "gateway/config/config.hpp"
#include "gateway/config/load.hpp"

namespace weather::gateway {

// All faults at once, each with the file and line it stands in. `id` is the gateway's, never empty.
tl::expected<bridge::ForwarderOptions, std::vector<ConfigError>> forwarder_options(const Config& config,
                                                                                   const std::string& id);

}  // namespace weather::gateway
