#include "bridge/core/window.hpp"

#include <algorithm>

namespace weather::bridge {

bool Window::joins_last(const Slot& slot) const {
  const auto is_passed = [](const Slot& s) { return s.fate == Fate::passed && s.lost_span == 0; };
  return !slots_.empty() && is_passed(slot) && is_passed(slots_.back()) &&
         slots_.back().next == slot.sequence;
}

Window::Id Window::push(const Slot& slot) {
  if (joins_last(slot)) {
    slots_.back().next = slot.next;
    slots_.back().records += slot.records;
    return (base_ + static_cast<Id>(slots_.size() - 1)) & id_mask;
  }
  slots_.push_back(slot);
  if (slot.fate == Fate::in_flight) {
    ++in_flight_;
    bytes_ += slot.bytes;
  } else if (slot.fate == Fate::failed) {
    ++failed_;
  }
  return (base_ + static_cast<Id>(slots_.size() - 1)) & id_mask;
}

void Window::drop_last() {
  const Slot& slot = slots_.back();
  if (slot.fate == Fate::in_flight) {
    --in_flight_;
    bytes_ -= slot.bytes;
  }
  slots_.pop_back();
}

std::optional<Window::Slot> Window::settle(Id id, Fate fate) {
  const Id index = (id - base_) & id_mask;  // also right after a wrap
  if (index >= slots_.size()) return std::nullopt;
  Slot& slot = slots_[index];
  if (slot.fate != Fate::in_flight) return std::nullopt;
  const Slot before = slot;
  --in_flight_;
  bytes_ -= slot.bytes;
  slot.fate = fate;
  if (fate == Fate::failed) ++failed_;
  return before;
}

Window::Advance Window::ahead() const {
  Advance result;
  result.next = next_;
  for (const Slot& slot : slots_) {
    if (slot.fate < Fate::delivered) break;
    // A loss in the stream has no sequence of its own: it stands for the records that are gone.
    if (slot.lost_span > 0) {
      const Advance known = known_within(first_lost(slot), slot.sequence + 1);
      result.dropped += slot.lost_records;
      result.delivered += known.delivered;
      result.dead_lettered += known.dead_lettered;
      result.passed += known.passed;
    } else if (slot.fate == Fate::delivered) {
      ++result.delivered;
    } else if (slot.fate == Fate::dead_lettered) {
      ++result.dead_lettered;
    } else {
      result.passed += slot.records;
    }
    result.next = slot.next;
  }
  return result;
}

Window::Advance Window::advance() {
  const Advance result = ahead();
  while (!slots_.empty() && slots_.front().fate >= Fate::delivered) {
    slots_.pop_front();
    base_ = (base_ + 1) & id_mask;
  }
  next_ = result.next;
  if (!known_.empty() && known_.back().end <= next_) known_.clear();
  std::erase_if(known_losses_, [this](const Slot& slot) { return slot.next <= next_; });
  return result;
}

Window::Advance Window::known_within(log::Sequence first, log::Sequence end) const {
  Advance result;
  for (const auto& entry : known_) {
    const auto from = std::max(entry.first, first), to = std::min(entry.end, end);
    if (from >= to) continue;
    (entry.fate == Fate::delivered       ? result.delivered
     : entry.fate == Fate::dead_lettered ? result.dead_lettered
                                         : result.passed) += to - from;
  }
  return result;
}

log::Sequence Window::rewind() {
  std::vector<Known> known;
  std::vector<Slot> losses;
  for (const Slot& slot : slots_)
    if (slot.lost_span > 0) {  // what it reaches over keeps the fates it had
      for (const auto& entry : known_)
        if (entry.first >= first_lost(slot) && entry.end <= slot.next) known.push_back(entry);
      if (slot.fate >= Fate::delivered) losses.push_back(slot);
    } else if (slot.fate == Fate::passed) {
      known.push_back({slot.sequence, slot.next, slot.fate});
    } else if (slot.fate >= Fate::delivered) {
      known.push_back({slot.sequence, slot.sequence + 1, slot.fate});
    }
  // What an earlier rewind remembered and has not been read again yet.
  const log::Sequence read_until = slots_.empty() ? next_ : slots_.back().next;
  for (const auto& entry : known_)
    if (entry.end > read_until) known.push_back({std::max(entry.first, read_until), entry.end, entry.fate});
  for (const auto& loss : known_losses_)
    if (loss.next > read_until) losses.push_back(loss);
  known_ = std::move(known);
  known_losses_ = std::move(losses);
  base_ = (base_ + static_cast<Id>(slots_.size())) & id_mask;
  slots_.clear();
  in_flight_ = failed_ = 0;
  bytes_ = 0;
  return next_;
}

log::Sequence Window::rewind_undelivered() {
  for (Slot& slot : slots_)
    if (slot.fate == Fate::delivered) slot.fate = Fate::failed;
  return rewind();
}

void Window::restart(log::Sequence next) {
  (void)rewind();
  known_.clear();
  known_losses_.clear();
  next_ = next;
}

std::optional<Window::KnownLoss> Window::known_loss(log::Sequence first, log::Sequence last) const {
  std::optional<KnownLoss> found;
  for (const auto& loss : known_losses_) {
    const auto begin = first_lost(loss);
    if (begin <= last && loss.next > first && (!found || begin < found->first)) found = {begin, loss};
  }
  return found;
}

std::optional<Fate> Window::known_fate(log::Sequence sequence) const {
  const auto it =
      std::upper_bound(known_.begin(), known_.end(), sequence,
                       [](log::Sequence wanted, const Known& entry) { return wanted < entry.end; });
  if (it == known_.end() || sequence < it->first) return std::nullopt;
  return it->fate;
}

}  // namespace weather::bridge
