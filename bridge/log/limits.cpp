#include "bridge/log/limits.hpp"

#include <algorithm>

#include "bridge/log/format.hpp"

namespace weather::log {
namespace {

// More than a log writes between two looks of the one that yields to it.
constexpr std::uint64_t segments_soon = 8;

}  // namespace

Room room_of(const Limits& limits, std::uint64_t bytes) {
  const auto left = limits.max_bytes - std::min(bytes, limits.max_bytes);
  return {left + limits.min_free_bytes,
          std::min(left, segments_soon * limits.segment_bytes) + limits.min_free_bytes};
}

Limits limits_of(const Options& options, const std::optional<Space>& space) {
  Limits limits{options.max_bytes, options.min_free_bytes, 0};
  if (limits.max_bytes == 0) {
    limits.max_bytes = std::uint64_t{1} << 30U;
    if (space) limits.max_bytes = std::min(limits.max_bytes, space->total_bytes / 10);
  }
  // On a small file system a fixed amount to keep free could leave the log no room at all.
  if (space) limits.min_free_bytes = std::min(limits.min_free_bytes, space->total_bytes / 10);
  // Small enough that dropping the oldest segment is a small part of what is kept.
  const auto part = std::min(options.segment_bytes, limits.max_bytes / 8);
  limits.segment_bytes = std::clamp(part, min_segment_bytes, max_segment_bytes) / block_bytes * block_bytes;
  return limits;
}

}  // namespace weather::log
