// What the gateway would do with one message: `weather-gateway check --topic T --sample FILE [--json]`. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <tl/expected.hpp>

#include "gateway/config/config.hpp"

namespace weather::gateway {

struct Sample {
  std::string_view topic, payload;
  std::string format =
      {};  // instead of the sources of the configuration; "nmea" and every format of the registry
  std::int64_t now_ns = 0;  // when it is taken to have arrived
  std::string gateway_id = {};
};

struct Explanation {
  bool reading = false;  // at least one source makes a reading of it
  std::string text;      // for people
  std::string json;      // one object: "check_sample" of docs/command-output.schema.json
};

// Every source that subscribes to the topic (or the HTTP listener whose path it is), what it makes of each
// field, and the records that Kafka would get, encoded as a route encodes them. The error: an
// unknown format.
tl::expected<Explanation, std::string> explain_sample(const Config& config, const Sample& sample);

}  // namespace weather::gateway
