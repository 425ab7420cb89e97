// Reads a segment that may have been being written when the power went, and judges its end. Writes nothing.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "bridge/log/files.hpp"
#include "bridge/log/positions.hpp"
#include "bridge/log/tail.hpp"

namespace weather::log {

struct TailScan {
  std::optional<std::uint32_t> salt;  // nothing: the segment's header is damaged or another segment's
  std::uint64_t scanned_bytes = 0;
  Tail tail;
  std::vector<Position> positions;  // the newest of each cursor that a frame carries
};

// `proven`: see judge_tail. Unreadable blocks count as damaged. newer: the segment's header says so.
Result<TailScan> scan_tail(std::unique_ptr<File> file, std::uint32_t seed, std::uint64_t number,
                           Sequence base, Sequence proven);

}  // namespace weather::log
