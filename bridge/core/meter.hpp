// How fast and how late deliveries are. Pure; one thread.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>

namespace weather::bridge {

// Records per second, smoothed over about ten seconds.
class RateMeter {
 public:
  using Time = std::chrono::steady_clock::time_point;
  explicit RateMeter(Time now) : since_(now) {}
  void add(std::uint64_t count, Time now);
  double per_second(Time now);

 private:
  void roll(Time now);
  Time since_;
  std::uint64_t pending_ = 0;
  double rate_ = 0;
};

// Quantiles of the last 512 values.
class RecentValues {
 public:
  void add(float value) {
    values_[next_ % values_.size()] = value;
    ++next_;
  }
  double quantile(double q) const;  // 0 when there are none

 private:
  std::array<float, 512> values_{};
  std::size_t next_ = 0;
};

}  // namespace weather::bridge
