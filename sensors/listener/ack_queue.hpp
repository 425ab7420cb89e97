// The acknowledgements one connection still owes, in the order of its publications [MQTT-4.6.0-2]: each
// leaves when its ticket and step are durable and everything before it has left. Pure; no allocation once
// warm.
#pragma once

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
  void push(const PendingAck& ack) { acks_.push_back(ack); }
  bool empty() const { return head_ == acks_.size(); }
  std::size_t size() const { return acks_.size() - head_; }
  const PendingAck& front() const { return acks_[head_]; }

  void pop() {
    ++head_;
    if (head_ == acks_.size()) {
      clear();
    } else if (head_ >= compact_at && head_ * 2 >= acks_.size()) {
      acks_.erase(acks_.begin(), acks_.begin() + static_cast<std::ptrdiff_t>(head_));
      head_ = 0;
    }
  }

  void clear() {
    acks_.clear();
    head_ = 0;
  }

 private:
  static constexpr std::size_t compact_at = 256;
  std::vector<PendingAck> acks_;
  std::size_t head_ = 0;
};

}  // namespace weather::sensors::listener
