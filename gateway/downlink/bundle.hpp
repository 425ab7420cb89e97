// What a gateway sends of itself when it is asked to: its configuration without secrets and its status, in
// one record of the fleet's topic, beside the word that it was done. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include <tl/expected.hpp>

#include "gateway/downlink/state.hpp"

namespace weather::gateway::downlink {

// Below what a broker takes by itself (1 MiB), with room for headers.
inline constexpr std::size_t most_bundle_bytes = 900U << 10;

// ID/downlink/TO/bundle/content: the newest one stays.
std::string bundle_key(std::string_view gateway, std::string_view to);

struct BundleContent {
  std::string gateway, version;
  std::int64_t time_s = 0;
  std::string configuration;  // lines as `config show` prints them, secrets replaced
  std::string status;         // JSON, as `status --json` prints it
};
// The error says why there is none: it would be too large for the topic.
tl::expected<std::string, std::string> bundle_record(const BundleContent& content);

}  // namespace weather::gateway::downlink
