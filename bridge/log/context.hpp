// What every part of one open log shares.
#pragma once

#include <algorithm>
#include <filesystem>

#include "bridge/log/clock.hpp"
#include "bridge/log/files.hpp"
#include "bridge/log/format.hpp"
#include "bridge/log/log.hpp"

namespace weather::log {

struct Context {
  Files& files;
  Clock& clock;
  Options options;  // max_bytes and segment_bytes resolved to what is in force
  LogId id{};
  std::uint32_t seed = 0;                 // frame_seed(id)
  std::uint16_t format = format_version;  // which is written

  const std::filesystem::path& dir() const { return options.dir; }
  std::filesystem::path quarantine() const { return options.dir / "quarantine"; }
  std::filesystem::path cursors() const { return options.dir / "cursors"; }
  std::size_t max_frame() const {
    return std::min<std::size_t>(max_frame_bytes,
                                 static_cast<std::size_t>(options.segment_bytes) - block_bytes);
  }
};

}  // namespace weather::log
