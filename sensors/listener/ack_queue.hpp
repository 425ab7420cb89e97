// The acknowledgements one connection still owes, in the order of its publications [MQTT-4.6.0-2]: each
// leaves when its ticket and step are durable and everything before it has left. Pure; no allocation once
// warm.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "sensors/listener/outside.hpp"
#include "sensors/listener/packet.hpp"

namespace weather::sensors::listener {

struct PendingAck {
  Ticket ticket = 0;
  ExchangeKeeper::Step step = 0;  // must be kept as well
  std::uint16_t packet_id = 0;
  Type type = Type::puback;
  Reason reason = Reason::success;
};

class AckQueue {
 public:
  static constexpr std::size_t free_acks = 16;  // part of what a connection costs in any case

  void push(const PendingAck& ack) { acks_.push_back(ack); }
  bool empty() const { return head_ == acks_.size(); }
  std::size_t size() const { return acks_.size() - head_; }
  const PendingAck& front() const { return acks_[head_]; }

  // What it would take to push one more, beyond the free ones.
  std::size_t bytes_for_one_more() const {
    const bool room = acks_.size() < acks_.capacity() || head_ >= (acks_.size() + 1) / 2;
    return bytes(room ? acks_.capacity() : 2 * acks_.capacity());
  }
  void make_room() {
    if (acks_.size() < acks_.capacity()) return;
    if (head_ > 0 && head_ >= (acks_.size() + 1) / 2) return compact();
    acks_.reserve(std::max(free_acks, 2 * acks_.capacity()));
  }
  // From time to time: gives back what is not needed. True: it did.
  bool shrink() {
    if (!empty() || acks_.capacity() <= free_acks) return false;
    std::vector<PendingAck>().swap(acks_);  // frees it, as an assignment of {} does not
    head_ = 0;
    return true;
  }
  std::size_t bytes() const { return bytes(acks_.capacity()); }

  void pop() {
    ++head_;
    if (head_ == acks_.size()) {
      clear();
    } else if (head_ >= compact_at && head_ * 2 >= acks_.size()) {
      compact();
    }
  }

  void clear() {
    acks_.clear();
    head_ = 0;
  }

 private:
  static constexpr std::size_t compact_at = 256;
  static std::size_t bytes(std::size_t acks) {
    return (acks - std::min(acks, free_acks)) * sizeof(PendingAck);
  }
  void compact() {
    acks_.erase(acks_.begin(), acks_.begin() + static_cast<std::ptrdiff_t>(head_));
    head_ = 0;
  }
  std::vector<PendingAck> acks_;
  std::size_t head_ = 0;
};

}  // namespace weather::sensors::listener
