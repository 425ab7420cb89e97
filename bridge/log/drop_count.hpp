// How much of what left with a segment was really dropped: the consumer may have held some of it in RAM by
// then and delivered it after all, which shows when its cursor passes. Pure, not thread-safe.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "bridge/log/log.hpp"

namespace weather::log {

// A holding cursor as it was saved: it passed from `from` to before `to`, and counted this many as dropped.
struct CursorMove {
  std::string name;
  Sequence from = 0, to = 0;
  std::uint64_t dropped = 0;
};

class DropCount {
 public:
  using Positions = std::map<std::string, Sequence>;
  // Everything from first to last, inclusive, was counted as dropped; later drops have higher sequences.
  // `cursors`: where the holding ones stand, as saved.
  void add(Sequence first, Sequence last, const Positions& cursors);
  void passed(const CursorMove& move);
  // Forgets the drops that all cursors have passed. Returns how many of their records each cursor had
  // delivered: those were counted too much.
  std::uint64_t settle(const Positions& cursors);

 private:
  struct Drop {
    Sequence first, last;
    std::map<std::string, std::uint64_t> delivered;  // by cursor
  };
  std::vector<Drop> drops_;
};

}  // namespace weather::log
