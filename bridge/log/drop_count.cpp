#include "bridge/log/drop_count.hpp"

#include <algorithm>
#include <utility>

namespace weather::log {

void DropCount::add(Sequence first, Sequence last, const Positions& cursors) {
  Drop drop{first, last, {}};
  for (const auto& [name, next] : cursors) {
    if (next > first) drop.delivered[name] = std::min(next, last + 1) - first;
  }
  drops_.push_back(std::move(drop));
}

void DropCount::passed(const CursorMove& move) {
  const auto common = [&move](const Drop& drop) {
    const auto first = std::max(drop.first, move.from);
    const auto end = std::min(drop.last + 1, move.to);
    return end > first ? end - first : 0;
  };
  std::uint64_t all = 0;
  for (const auto& drop : drops_) all += common(drop);
  // A reader that was ahead has the beginning; what it misses is the end. Losses of another kind in between
  // make the number of delivered ones too small, never too large.
  auto delivered = all - std::min(all, move.dropped);
  for (auto& drop : drops_) {
    const auto here = std::min(delivered, common(drop));
    if (here > 0) drop.delivered[move.name] += here;
    delivered -= here;
  }
}

std::uint64_t DropCount::settle(const Positions& cursors) {
  std::uint64_t too_much = 0;
  std::erase_if(drops_, [&](Drop& drop) {
    auto least = drop.last - drop.first + 1;
    for (const auto& [name, next] : cursors) {
      if (next <= drop.last) return false;
      least = std::min(least, drop.delivered[name]);
    }
    too_much += least;
    return true;
  });
  return too_much;
}

}  // namespace weather::log
