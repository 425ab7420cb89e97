// Where a segment that was being written when the power went ends, and what of it was lost. Pure.
#pragma once

#include <cstdint>
#include <vector>

#include "bridge/log/log.hpp"

namespace weather::log {

struct FrameMark {
  std::uint64_t offset = 0, size = 0;
  Sequence first = 0, last = 0;
  Sequence durable = 0;  // what the frame says had been on the card before it was written
  std::uint32_t crc = 0;
  bool body_good = true;
};

struct Tail {
  Sequence next = 1;             // sequence after the last record that counts
  std::uint64_t end_offset = 0;  // in the file, after the last frame that counts; 0: none counts
  std::uint32_t last_crc = 0;
  std::vector<LostRange> lost;   // acknowledged and gone; without the file
  Sequence proven = 0;           // highest sequence known to have been acknowledged
  std::uint64_t torn_bytes = 0;  // never acknowledged: discarded
};

// `base`: sequence of the segment's first record. `proven`: highest sequence known to have been acknowledged
// from STATE, cursors or the segment before; the frames' own proofs are added. A hole up to what is proven
// was acknowledged and is lost; the first hole beyond it is a torn write, and everything after it was never
// acknowledged.
Tail judge_tail(const std::vector<FrameMark>& frames, Sequence base, Sequence proven);

}  // namespace weather::log
