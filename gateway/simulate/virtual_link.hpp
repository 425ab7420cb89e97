// One simulated gateway's link: it learns of an outage when it is cut and of its end only by trying, ever
// less often, as the Kafka client does. Pure; time and chance come in.
#pragma once

#include <chrono>

#include "bridge/core/backoff.hpp"

namespace weather::gateway {

class VirtualLink {
 public:
  using Time = std::chrono::steady_clock::time_point;
  // As reconnect.backoff.ms and reconnect.backoff.max.ms of the profile "lan". jitter: then it waits up to
  // this long before it sends what has gathered.
  explicit VirtualLink(std::chrono::milliseconds jitter)
      : backoff_(std::chrono::milliseconds(100), std::chrono::seconds(10)), jitter_(jitter) {}

  bool up() const { return up_; }
  void cut(Time now, double random) {
    up_ = connected_ = false;
    backoff_.reset();
    next_try_ = now + backoff_.next(random);
  }
  // True when it may send again, from this moment.
  bool step(Time now, bool reachable, double random) {
    if (up_ || now < next_try_) return false;
    if (!reachable && !connected_) {
      next_try_ = now + backoff_.next(random);
      return false;
    }
    if (!connected_ && jitter_.count() > 0) {
      connected_ = true;
      next_try_ = now + std::chrono::duration_cast<std::chrono::milliseconds>(jitter_ * random);
      return false;
    }
    return up_ = true;
  }

 private:
  bridge::Backoff backoff_;
  std::chrono::milliseconds jitter_;
  bool up_ = true, connected_ = true;
  Time next_try_{};
};

}  // namespace weather::gateway
