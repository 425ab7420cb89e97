// The bytes of one client that are not yet taken: a packet that is not complete, or some that have to wait.
// Grows while the client fills it and the budget allows, and becomes small again when little comes. Pure.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <string_view>
#include <vector>

#include "sensors/budget/memory_budget.hpp"

namespace weather::sensors::listener {

class ReceiveBuffer {
 public:
  static constexpr std::size_t free_bytes = 1024;  // part of what a connection costs in any case
  static constexpr std::size_t usual_bytes = 64U << 10;
  static constexpr int small_reads = 8;  // in a row, before it becomes smaller

  // most: what one packet may need.
  ReceiveBuffer(MemoryBudget* budget, std::size_t most)
      : memory_(budget, Holder::receive_buffers), most_(std::max(usual_bytes, most)) {}

  std::string_view bytes() const { return {buffer_.data() + begin_, end_ - begin_}; }
  void take(std::size_t count) { begin_ += count; }
  void clear() { begin_ = end_ = 0; }

  char* space() { return buffer_.data() + end_; }
  std::size_t space_bytes() const { return buffer_.size() - end_; }
  void filled(std::size_t count) {
    end_ += count;
    small_ = 4 * count <= buffer_.size() ? small_ + 1 : 0;
  }

  // Before a read. What it wants to be; less than it is, if little comes. The same: there is room.
  std::size_t wanted() const {
    if (buffer_.empty()) return free_bytes;
    if (begin_ == end_ && small_ >= small_reads) return std::max(free_bytes, buffer_.size() / 2);
    if (end_ < buffer_.size() || begin_ == end_) return buffer_.size();
    const bool full_of_one = begin_ == 0;
    // Beyond the usual size only for a packet that needs it; else the taken bytes make room.
    if (buffer_.size() < usual_bytes || full_of_one) return std::min(most_, buffer_.size() * 2);
    return buffer_.size();
  }
  // Makes it so large. False: the budget has no room; it stays as it was, with room if there is any left.
  bool resize(std::size_t size) {
    move_to_front();
    if (size == buffer_.size()) return true;
    if (!memory_.resize(size - std::min(size, free_bytes))) return end_ < buffer_.size();
    small_ = 0;
    if (size < buffer_.size()) {
      buffer_ = std::vector<char>(size);
      return true;
    }
    std::vector<char> larger(size);
    if (end_ > 0) std::memcpy(larger.data(), buffer_.data(), end_);
    buffer_.swap(larger);
    return true;
  }
  // All of it: the connection is gone, and no read is under way.
  void release() {
    clear();
    std::vector<char>().swap(buffer_);  // frees it, as an assignment of {} does not
    memory_.release();
  }
  std::size_t reserved() const { return memory_.bytes(); }

 private:
  void move_to_front() {
    if (begin_ == end_) return clear();
    if (begin_ == 0 || end_ < buffer_.size()) return;
    std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
    end_ -= begin_;
    begin_ = 0;
  }

  Reservation memory_;
  const std::size_t most_;
  std::vector<char> buffer_;
  std::size_t begin_ = 0, end_ = 0;
  int small_ = 0;
};

}  // namespace weather::sensors::listener
