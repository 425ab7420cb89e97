// What the gateway would do with one message, in words: `weather-gateway check --topic T --sample FILE`.
// Pure.
#pragma once

#include <string>
#include <string_view>

#include "gateway/config/config.hpp"

namespace weather::gateway {

struct Explanation {
  bool reading = false;  // at least one source makes a reading of it
  std::string text;
};

// Every source that subscribes to the topic (or the HTTP listener whose path it is), its rules, and the
// record that Kafka would get.
Explanation explain_sample(const Config& config, std::string_view topic, std::string_view payload);

}  // namespace weather::gateway
