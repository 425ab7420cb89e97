// [kafka] and [[route]] to the ways out. Pure.
#pragma once

#include <vector>

#include "bridge/options/options.hpp"
#include "gateway/config/config.hpp"
#include "gateway/config/load.hpp"

namespace weather::gateway {

// Whether any of the routes does; a relay needs no bootstrap.servers.
bool sends_to_kafka(const Config& config);

// What is wrong with them; librdkafka's own keys aside.
std::vector<ConfigError> route_faults(const Config& config);

// In the order of the file; the first keeps what could not be decoded. The configuration has no faults.
std::vector<bridge::RouteOptions> route_options(const Config& config);

// The cursors of the log that hold readings back until they are delivered.
std::vector<std::string> route_names(const Config& config);

}  // namespace weather::gateway
