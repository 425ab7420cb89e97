// How many records a limited rate allows now: a token bucket of one second. Pure; one thread.
#pragma once

#include <algorithm>
#include <chrono>

namespace weather::bridge {

class Budget {
 public:
  using Time = std::chrono::steady_clock::time_point;

  // per_second 0: no limit.
  Budget(double per_second, Time now) : per_second_(per_second), left_(std::max(1.0, per_second)), at_(now) {}

  bool take(Time now) {
    if (per_second_ <= 0) return true;
    const double seconds = std::chrono::duration<double>(now - at_).count();
    left_ = std::min(std::max(1.0, per_second_), left_ + seconds * per_second_);
    at_ = now;
    if (left_ < 1) return false;
    left_ -= 1;
    return true;
  }

  // Until take() will succeed again.
  std::chrono::milliseconds wait() const {
    if (per_second_ <= 0 || left_ >= 1) return std::chrono::milliseconds(0);
    return std::chrono::milliseconds(1 + static_cast<std::int64_t>((1 - left_) / per_second_ * 1000));
  }

 private:
  double per_second_, left_;
  Time at_;
};

}  // namespace weather::bridge
