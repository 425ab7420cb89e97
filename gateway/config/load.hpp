// Text to configuration. Pure: reads no file, no environment; every fault at once, each with its place.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include <tl/expected.hpp>

#include "gateway/config/config.hpp"
#include "gateway/config/values.hpp"

namespace weather::gateway {

struct ConfigText {
  std::string file;  // as named by the user; paths inside are relative to its folder
  std::string text;
};

struct ConfigError {
  Place place;
  std::string key;   // full: "kafka.topic", "mqtt[0].url"; empty for a syntax error
  std::string text;  // what is wrong and what to do
};
// "FILE:LINE:COLUMN: KEY: TEXT", without what looks like a secret
std::string to_string(const ConfigError& error);

// A fault that no single value has: where its key stands, else where its table does, else the file.
ConfigError fault_at(const Config& config, std::string key, std::string text);

// Texts are applied in order: scalars of a later one replace, tables merge, [[lists of tables]] append. Then
// the environment: WEATHER_GATEWAY_SECTION__KEY sets a scalar of a section that is not repeated.
tl::expected<Config, std::vector<ConfigError>> load(std::span<const ConfigText> texts,
                                                    const Environment& environment);

}  // namespace weather::gateway
