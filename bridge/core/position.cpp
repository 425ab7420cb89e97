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
  while (!cursor_.delivered_ranges.empty() && cursor_.delivered_ranges.front().from < cursor_.next &&
         !stops_at_live())
    absorb();
}

// Counts the first range in and goes on behind it.
void Position::absorb() {
  const log::DeliveredRange& range = cursor_.delivered_ranges.front();
  add_counts(cursor_, range);
  cursor_.next = std::max(cursor_.next, range.next);
  cursor_.delivered_ranges.erase(cursor_.delivered_ranges.begin());
}

log::Sequence Position::stop() const {
  return cursor_.delivered_ranges.empty() ? std::numeric_limits<log::Sequence>::max()
                                          : cursor_.delivered_ranges.front().from;
}

bool Position::pass() {
  if (stop() != cursor_.next || stops_at_live()) return false;
  absorb();
  return true;
}

std::uint64_t Position::overlap(log::Sequence first, log::Sequence last) const {
  std::uint64_t records = 0;
  for (const auto& range : cursor_.delivered_ranges) {
    const auto from = std::max(first, range.from);
    const auto end = std::min(last + 1, range.next);
    if (from < end) records += end - from;
  }
  return records;
}

bool Position::open_live(log::Sequence at) {
  if (live_ || cursor_.delivered_ranges.size() >= log::max_delivered_ranges) return false;
  cursor_.delivered_ranges.push_back({at, at});
  live_ = true;
  return true;
}

void Position::advance_live(const Window::Advance& by) {
  log::DeliveredRange& range = cursor_.delivered_ranges.back();
  range.next = by.next;
  add_counts(range, by);
}

void Position::close_live() {
  live_ = false;
  if (cursor_.delivered_ranges.back().next == cursor_.delivered_ranges.back().from)
    cursor_.delivered_ranges.pop_back();
}

std::uint64_t Position::waiting(log::Sequence durable) const {
  if (durable < cursor_.next) return 0;
  return durable + 1 - cursor_.next - overlap(cursor_.next, durable);
}

log::Cursor Position::total() const {
  log::Cursor total = cursor_;
  total.delivered_ranges.clear();
  for (const auto& range : cursor_.delivered_ranges) add_counts(total, range);
  return total;
}

}  // namespace weather::bridge
