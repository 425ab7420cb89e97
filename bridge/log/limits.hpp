// How much of its file system a log may take. Pure.
#pragma once

#include <optional>

#include "bridge/log/files.hpp"
#include "bridge/log/log.hpp"

namespace weather::log {

struct Limits {
  std::uint64_t max_bytes = 0, min_free_bytes = 0, segment_bytes = 0;
};

// What a log of these limits that has `bytes` now may still take, with what it keeps free.
Room room_of(const Limits& limits, std::uint64_t bytes);

// What the options say, completed from the size of the file system if that is known.
Limits limits_of(const Options& options, const std::optional<Space>& space);

}  // namespace weather::log
