// Waiting longer after each failure, with jitter, so that a fleet does not come back in step. Pure.
#pragma once

#include <algorithm>
#include <chrono>

namespace weather::bridge {

class Backoff {
 public:
  Backoff(std::chrono::milliseconds first, std::chrono::milliseconds longest)
      : first_(first), longest_(longest), next_(first) {}

  // The next wait: between 75 % and 125 % of first, 2 first, 4 first ... longest. random: [0, 1).
  std::chrono::milliseconds next(double random) {
    const auto wait = next_;
    next_ = std::min(next_ * 2, longest_);
    return std::chrono::milliseconds(
        static_cast<std::int64_t>(static_cast<double>(wait.count()) * (0.75 + random / 2)));
  }
  void reset() { next_ = first_; }

 private:
  std::chrono::milliseconds first_, longest_, next_;
};

}  // namespace weather::bridge
