#include "bridge/log/tail.hpp"

#include <algorithm>

#include "bridge/log/format.hpp"

namespace weather::log {
namespace {

// Where the next frame should begin.
std::uint64_t end_of(const Tail& tail) {
  return tail.end_offset == 0 ? block_bytes : tail.end_offset;
}

}  // namespace

Tail judge_tail(const std::vector<FrameMark>& frames, Sequence base, Sequence proven) {
  for (const auto& frame : frames) proven = std::max(proven, frame.durable);
  Tail tail;
  tail.next = base;
  tail.proven = proven;
  bool torn = false;
  for (const auto& frame : frames) {
    const bool hole = frame.first > tail.next;
    if (!torn && hole && frame.first - 1 > proven) torn = true;
    if (torn || !frame.body_good) {
      if (frame.last > proven) tail.torn_bytes += frame.size;
      continue;
    }
    if (frame.last < tail.next) continue;
    if (hole)
      tail.lost.push_back({.first = tail.next, .last = frame.first - 1, .file = {}, .offset = end_of(tail)});
    tail.next = frame.last + 1;
    tail.end_offset = frame.offset + frame.size;
    tail.last_crc = frame.crc;
  }
  if (tail.next <= proven) {
    tail.lost.push_back({.first = tail.next, .last = proven, .file = {}, .offset = end_of(tail)});
    tail.next = proven + 1;
  }
  return tail;
}

}  // namespace weather::log
