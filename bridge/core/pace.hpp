// How fast to go when the broker asks for patience (a quota): half of it at once, then a tenth more each
// second until it asks again. Pure; one thread.
#pragma once

#include <algorithm>
#include <chrono>
#include <cmath>

namespace weather::bridge {

class Pace {
 public:
  using Time = std::chrono::steady_clock::time_point;

  // Records a second; 0: as fast as it goes.
  double per_second() const { return limit_; }

  // From the client's statistics: throttle_ms is the longest delay a broker asked for since the last call,
  // rate what was delivered a second.
  void update(double throttle_ms, double rate, Time now) {
    const double passed_s = std::chrono::duration<double>(now - at_).count();
    at_ = now;
    if (throttle_ms > 0) {
      asked_at_ = std::max(rate, slowest);
      limit_ = std::max(slowest, (limit_ == 0 ? rate : std::min(limit_, std::max(rate, slowest))) / 2);
    } else if (limit_ != 0) {
      limit_ *= std::pow(1.1, passed_s);
      if (limit_ > 4 * asked_at_) limit_ = 0;  // whatever limited it is gone
    }
  }

 private:
  static constexpr double slowest = 10;
  double limit_ = 0, asked_at_ = 0;
  Time at_{};
};

}  // namespace weather::bridge
