// When a backlog will be gone: by how fast it shrinks, not by how fast records are delivered, for new ones
// come meanwhile. Pure; one thread.
#pragma once

#include <chrono>
#include <cmath>
#include <cstdint>
#include <optional>

namespace weather::bridge {

class DrainEta {
 public:
  using Time = std::chrono::steady_clock::time_point;

  bool known() const { return known_; }
  // Called now and then; more than once a second does no harm. The seconds left; 0: nothing waits, or it does
  // not shrink.
  double update(std::uint64_t waiting, Time now) {
    if (!at_) {
      at_ = now;
      waiting_ = waiting;
    }
    const double passed_s = std::chrono::duration<double>(now - *at_).count();
    if (passed_s >= 1) {
      const double gone = static_cast<double>(waiting_) - static_cast<double>(waiting);
      const double keep = known_ ? std::exp(-passed_s / 10) : 0;
      shrinks_ = shrinks_ * keep + gone / passed_s * (1 - keep);
      known_ = true;
      at_ = now;
      waiting_ = waiting;
    }
    return waiting == 0 || shrinks_ <= 0 ? 0 : static_cast<double>(waiting) / shrinks_;
  }

 private:
  std::optional<Time> at_;
  std::uint64_t waiting_ = 0;
  double shrinks_ = 0;  // records a second
  bool known_ = false;
};

}  // namespace weather::bridge
