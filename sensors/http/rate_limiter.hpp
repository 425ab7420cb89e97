// Token buckets, one per client. Pure; one thread at a time.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>
#include <unordered_map>

namespace weather::sensors {

class RateLimiter {
 public:
  using Clock = std::chrono::steady_clock;
  RateLimiter(double per_second, double burst, std::size_t max_clients = 1024)
      : per_second_(per_second), burst_(burst), max_clients_(max_clients) {}

  // Zero: go ahead. Otherwise: how long until this client may ask again.
  std::chrono::milliseconds take(std::string_view client, Clock::time_point now);

 private:
  struct Bucket {
    double tokens = 0;
    Clock::time_point updated;
  };
  void forget_full(Clock::time_point now);

  double per_second_, burst_;
  std::size_t max_clients_;
  std::unordered_map<std::string, Bucket> buckets_;
};

}  // namespace weather::sensors
