// What is wired to this machine as sources: [[bus]], [[modbus]] and [[nmea]].
#pragma once

#include <memory>
#include <vector>

#include "gateway/app/sources.hpp"

namespace weather::gateway {

// Appends to `sources`. Throws what the sources throw.
void add_local_sources(const Config& config, sensors::Sink& sink,
                       std::vector<std::unique_ptr<Source>>& sources);

}  // namespace weather::gateway
