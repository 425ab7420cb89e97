// What each source goes by: in its readings, in status, as the label of its time series, and as the key of
// what is kept of it (positions in files). So no two sources may share one. Pure.
#pragma once

#include <vector>

#include "gateway/config/config.hpp"
#include "gateway/config/load.hpp"

namespace weather::gateway {

// Fills Config::source_names. A source without a name goes by what it is, "mqtt:pi:1883"; one that would
// share it gets "-2" behind it, and so on.
void name_sources(Config& config);
// One of them, also of a configuration that no file was read for.
std::string source_name(const Config& config, const std::string& section, std::size_t index);
// Names that a person gave twice.
std::vector<ConfigError> shared_names(const Config& config);

}  // namespace weather::gateway
