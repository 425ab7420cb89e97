// What differs between two configurations, and what of it can take effect in a running gateway. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "gateway/config/config.hpp"

namespace weather::gateway {

// Keys that files or environment set differently, in order: "kafka.topic", "log.on_full", "mapping[0]".
std::vector<std::string> changed_keys(const Config& before, const Config& after);

// Takes effect on a reload; everything else needs a restart. By full key or by section.
bool is_reloadable(std::string_view key);

// "mqtt[0].url" -> "mqtt", "kafka.properties.acks" -> "kafka", "config_version" -> "".
std::string_view section_of(std::string_view key);

}  // namespace weather::gateway
