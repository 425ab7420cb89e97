#include "sensors/http/idempotency.hpp"

namespace weather::sensors {

const IdempotencyCache::Request* IdempotencyCache::find(const std::string& key, Clock::time_point now) {
  while (!order_.empty() && now - order_.front().first >= lifetime_) {
    requests_.erase(order_.front().second);
    order_.pop_front();
  }
  const auto found = requests_.find(key);
  return found == requests_.end() ? nullptr : &found->second;
}

void IdempotencyCache::remember(const std::string& key, const Request& request, Clock::time_point now) {
  if (!requests_.try_emplace(key, request).second) return;
  order_.emplace_back(now, key);
  if (order_.size() > max_keys_) {
    requests_.erase(order_.front().second);
    order_.pop_front();
  }
}

}  // namespace weather::sensors
