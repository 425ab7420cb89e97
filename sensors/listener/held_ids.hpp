// The QoS 2 identifiers that one session holds: a publication came and its PUBREL has not. Knows the oldest.
// Pure.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <utility>

#include "sensors/ticket.hpp"

namespace weather::sensors::listener {

using TimePoint = std::chrono::steady_clock::time_point;

struct Held {
  Ticket ticket = 0;  // what must be durable before its PUBREC
  std::uint64_t payload_hash = 0;
  std::uint64_t record = 0;    // of the publication in the log; 0: it was not stored
  bool reported = false;       // the keeper knows it
  bool after_restart = false;  // known from before: only a redelivery (DUP) of the same bytes is this one
  TimePoint since{};
  std::uint64_t number = 0;  // in the order of coming; set by HeldIds
};

class HeldIds {
 public:
  static constexpr std::size_t bytes_each = 176;  // with the nodes of both maps

  using Map = std::map<std::uint16_t, Held>;

  // Replaces what the identifier held before.
  void put(std::uint16_t packet_id, Held held) {
    erase(packet_id);
    held.number = ++last_;
    order_.emplace(held.number, packet_id);
    by_id_.emplace(packet_id, held);
  }
  Held* find(std::uint16_t packet_id) {
    const auto found = by_id_.find(packet_id);
    return found == by_id_.end() ? nullptr : &found->second;
  }
  bool contains(std::uint16_t packet_id) const { return by_id_.contains(packet_id); }
  void erase(std::uint16_t packet_id) {
    const auto found = by_id_.find(packet_id);
    if (found == by_id_.end()) return;
    order_.erase(found->second.number);
    by_id_.erase(found);
  }
  bool empty() const { return by_id_.empty(); }
  std::size_t size() const { return by_id_.size(); }
  // Not to be asked while empty.
  Map::value_type& oldest() { return *by_id_.find(order_.begin()->second); }
  Map& all() { return by_id_; }
  const Map& all() const { return by_id_; }

 private:
  Map by_id_;
  std::map<std::uint64_t, std::uint16_t> order_;  // identifiers by their number
  std::uint64_t last_ = 0;
};

}  // namespace weather::sensors::listener
