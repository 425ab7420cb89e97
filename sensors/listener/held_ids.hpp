// The QoS 2 identifiers that one session holds: a publication came and its PUBREL has not. Knows the oldest.
// Pure.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <utility>

#include "sensors/ticket.hpp"

namespace weather::sensors::listener {

using TimePoint = std::chrono::steady_clock::time_point;

struct Held {
  Ticket ticket = 0;  // what must be durable before its PUBREC
  std::uint64_t payload_hash = 0;
  std::uint64_t record = 0;    // of the publication in the log; 0: it was not stored
  bool told = false;           // the keeper knows it
  bool after_restart = false;  // known from before: only a redelivery (DUP) of the same bytes is this one
  TimePoint since{};
  std::uint64_t number = 0;  // in the order of coming; set by HeldIds
};

class HeldIds {
 public:
  using Map = std::map<std::uint16_t, Held>;

  // Replaces what the identifier held before.
  void put(std::uint16_t packet_id, Held held) {
    held.number = ++last_;
    order_.emplace_back(held.number, packet_id);
    by_id_[packet_id] = held;
    if (order_.size() > 2 * by_id_.size() + 16) compact();
  }
  Held* find(std::uint16_t packet_id) {
    const auto found = by_id_.find(packet_id);
    return found == by_id_.end() ? nullptr : &found->second;
  }
  bool contains(std::uint16_t packet_id) const { return by_id_.contains(packet_id); }
  void erase(std::uint16_t packet_id) {
    by_id_.erase(packet_id);
    if (by_id_.empty()) order_.clear();
  }
  bool empty() const { return by_id_.empty(); }
  std::size_t size() const { return by_id_.size(); }
  // Not to be asked while empty.
  Map::value_type& oldest() {
    while (!current(order_.front())) order_.pop_front();
    return *by_id_.find(order_.front().second);
  }
  Map& all() { return by_id_; }
  const Map& all() const { return by_id_; }

 private:
  using Place = std::pair<std::uint64_t, std::uint16_t>;
  bool current(const Place& place) const {
    const auto found = by_id_.find(place.second);
    return found != by_id_.end() && found->second.number == place.first;
  }
  void compact() {
    std::erase_if(order_, [this](const Place& place) { return !current(place); });
  }

  Map by_id_;
  std::deque<Place> order_;  // with places that are not current any more
  std::uint64_t last_ = 0;
};

}  // namespace weather::sensors::listener
