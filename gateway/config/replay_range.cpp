#include "gateway/config/replay_range.hpp"

#include <charconv>
#include <chrono>
#include <string>

#include "sensors/reading/time.hpp"

namespace weather::gateway {

Parsed<ReplayEdge> parse_replay_edge(std::string_view text, std::int64_t now_ns) {
  std::uint64_t sequence = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), sequence);
  if (error == std::errc{} && end == text.data() + text.size() && sequence > 0)
    return ReplayEdge{sequence, 0};
  if (const auto ago = parse_duration(text))
    return ReplayEdge{0, now_ns - std::chrono::nanoseconds(*ago).count()};
  if (const auto time = sensors::parse_time(text)) return ReplayEdge{0, time->ns};
  return tl::unexpected("\"" + std::string(text) +
                        "\" is no time, no age and no sequence: write 2025-09-20T06:30:00Z, 2h or 15000");
}

}  // namespace weather::gateway
