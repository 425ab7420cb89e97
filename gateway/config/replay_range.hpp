// Which records a replay means, as a person says it. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "gateway/config/values.hpp"

namespace weather::gateway {

// "2025-09-20T06:30:00Z", "2h" (so long ago), "15000" (the sequence at the end of an id).
struct ReplayEdge {
  std::uint64_t sequence = 0;  // 0: time_ns says it
  std::int64_t time_ns = 0;
};
Parsed<ReplayEdge> parse_replay_edge(std::string_view text, std::int64_t now_ns);

}  // namespace weather::gateway
