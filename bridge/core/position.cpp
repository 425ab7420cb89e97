#include "bridge/core/position.hpp"

#include <algorithm>
#include <limits>

namespace weather::bridge {
namespace {

template <class Counts>
void add_counts(Counts& to, const auto& from) {
  to.delivered += from.delivered;
  to.dead_lettered += from.dead_lettered;
  to.dropped += from.dropped;
  to.passed += from.passed;
}

}  // namespace

void Position::advance(const Window::Advance& by) {
  cursor_.next = by.next;
  add_counts(cursor_, by);
  while (!cursor_.ahead.empty() && cursor_.ahead.front().from < cursor_.next && !stops_at_live()) absorb();
}

// Counts the first stretch in and goes on behind it.
void Position::absorb() {
  const log::Ahead& stretch = cursor_.ahead.front();
  add_counts(cursor_, stretch);
  cursor_.next = std::max(cursor_.next, stretch.next);
  cursor_.ahead.erase(cursor_.ahead.begin());
}

log::Sequence Position::stop() const {
  return cursor_.ahead.empty() ? std::numeric_limits<log::Sequence>::max() : cursor_.ahead.front().from;
}

bool Position::pass() {
  if (stop() != cursor_.next || stops_at_live()) return false;
  absorb();
  return true;
}

std::uint64_t Position::overlap(log::Sequence first, log::Sequence last) const {
  std::uint64_t records = 0;
  for (const auto& stretch : cursor_.ahead) {
    const auto from = std::max(first, stretch.from);
    const auto end = std::min(last + 1, stretch.next);
    if (from < end) records += end - from;
  }
  return records;
}

bool Position::open_live(log::Sequence at) {
  if (live_ || cursor_.ahead.size() >= log::max_ahead) return false;
  cursor_.ahead.push_back({at, at});
  live_ = true;
  return true;
}

void Position::advance_live(const Window::Advance& by) {
  log::Ahead& stretch = cursor_.ahead.back();
  stretch.next = by.next;
  add_counts(stretch, by);
}

void Position::close_live() {
  live_ = false;
  if (cursor_.ahead.back().next == cursor_.ahead.back().from) cursor_.ahead.pop_back();
}

std::uint64_t Position::waiting(log::Sequence durable) const {
  if (durable < cursor_.next) return 0;
  return durable + 1 - cursor_.next - overlap(cursor_.next, durable);
}

log::Cursor Position::total() const {
  log::Cursor total = cursor_;
  total.ahead.clear();
  for (const auto& stretch : cursor_.ahead) add_counts(total, stretch);
  return total;
}

}  // namespace weather::bridge
