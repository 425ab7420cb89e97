// The answers on their way to one client: what is being written, and what comes after it. It asks before it
// grows, so that a client that does not read costs what the budget allowed and no more. Pure.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

#include "sensors/budget/memory_budget.hpp"

namespace weather::sensors::listener {

class Output {
 public:
  // Of each of the two strings; part of what a connection costs in any case.
  static constexpr std::size_t free_bytes = 1024;

  Output(MemoryBudget* budget, std::size_t most) : memory_(budget, Holder::outputs), most_(most) {}

  std::string& text() { return next_; }  // to append to, as much as there was room for
  bool empty() const { return next_.empty(); }

  // False: not until what is there has been written.
  bool room_for(std::size_t bytes) {
    const std::size_t wanted = next_.size() + bytes;
    if (wanted <= room_) return true;
    if (next_.empty()) refused_ = false;
    if (refused_ || (wanted > most_ && !next_.empty())) return false;
    const std::size_t room = std::max(wanted, std::min(most_, 2 * room_));
    refused_ = !memory_.resize(beyond(room) + beyond(writing_room_));
    if (refused_) return false;
    room_ = room;
    next_.reserve(room_);
    return true;
  }

  // What is left after `written` bytes of it becomes the text to write. Not while one is being written.
  std::string_view start_writing(std::size_t written) {
    next_.erase(0, written);
    std::swap(next_, writing_);
    std::swap(room_, writing_room_);
    return writing_;
  }
  void written() {
    writing_.clear();
    if (writing_room_ > free_bytes) {
      std::string().swap(writing_);  // frees it, as an assignment of {} does not
      writing_room_ = free_bytes;
      settle();
    }
  }
  // From time to time: gives back what is not needed.
  void shrink() {
    if (!next_.empty() || room_ <= free_bytes) return;
    std::string().swap(next_);
    room_ = free_bytes;
    settle();
  }
  std::size_t bytes() const { return memory_.bytes(); }
  // It holds what higher ranks need.
  bool must_give_way() const { return bytes() > 0 && memory_.must_give_way(); }

 private:
  static std::size_t beyond(std::size_t room) { return room - std::min(room, free_bytes); }
  void settle() { memory_.shrink_to(beyond(room_) + beyond(writing_room_)); }

  Reservation memory_;
  const std::size_t most_;
  std::string next_, writing_;
  std::size_t room_ = free_bytes, writing_room_ = free_bytes;
  bool refused_ = false;  // not asked again before what is there has been written
};

}  // namespace weather::sensors::listener
