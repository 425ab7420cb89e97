#include "sensors/http/rate_limiter.hpp"

#include <algorithm>
#include <cmath>

namespace weather::sensors {
namespace {

double seconds(RateLimiter::Clock::duration time) {
  return std::chrono::duration<double>(time).count();
}

}  // namespace

std::chrono::milliseconds RateLimiter::take(std::string_view client, Clock::time_point now) {
  if (buckets_.size() >= max_clients_) forget_full(now);
  auto& bucket = buckets_.try_emplace(std::string(client), Bucket{burst_, now}).first->second;
  bucket.tokens = std::min(burst_, bucket.tokens + seconds(now - bucket.updated) * per_second_);
  bucket.updated = now;
  if (bucket.tokens >= 1) {
    bucket.tokens -= 1;
    return std::chrono::milliseconds{0};
  }
  return std::chrono::milliseconds{
      static_cast<std::int64_t>(std::ceil((1 - bucket.tokens) / per_second_ * 1000))};
}

// A bucket that is full again is the same as none. If none is, all are forgotten: the limit is a courtesy
// to the card, not a lock.
void RateLimiter::forget_full(Clock::time_point now) {
  std::erase_if(buckets_, [&](const auto& entry) {
    return entry.second.tokens + seconds(now - entry.second.updated) * per_second_ >= burst_;
  });
  if (buckets_.size() >= max_clients_) buckets_.clear();
}

}  // namespace weather::sensors
