// [kafka.proxy] to the settings that Kafka's clients, the registry's and MQTT's take.
#pragma once

#include <string>
#include <vector>

#include "bridge/options/options.hpp"
#include "bridge/proxy/settings.hpp"
#include "gateway/config/config.hpp"
#include "gateway/config/load.hpp"

namespace weather::gateway {

// What is wrong without a look at any file.
std::vector<ConfigError> proxy_faults(const Config& config);

// As properties of a Kafka client; none without a URL. Reads password_file.
bridge::Properties proxy_properties(const Config& config, std::vector<ConfigError>& errors);

// Of a configuration without faults; a password that cannot be read is missing.
proxy::Settings proxy_settings(const Config& config);

}  // namespace weather::gateway
