// Remembers requests by their Idempotency-Key, so that a retry of what was stored is not stored again. Pure;
// one thread at a time. Lives in memory: after a restart a retry is a second reading.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <unordered_map>

#include "sensors/sink.hpp"

namespace weather::sensors {

class IdempotencyCache {
 public:
  using Clock = std::chrono::steady_clock;
  struct Request {
    std::size_t body_hash = 0;
    Ticket ticket = 0;
    std::size_t readings = 0;
  };

  explicit IdempotencyCache(std::size_t max_keys = 4096, Clock::duration lifetime = std::chrono::hours(24))
      : max_keys_(max_keys), lifetime_(lifetime) {}

  const Request* find(const std::string& key, Clock::time_point now);
  void remember(const std::string& key, const Request& request, Clock::time_point now);

 private:
  std::size_t max_keys_;
  Clock::duration lifetime_;
  std::unordered_map<std::string, Request> requests_;
  std::deque<std::pair<Clock::time_point, std::string>> order_;  // oldest first
};

}  // namespace weather::sensors
