// How fast and how late deliveries are. Pure; one thread.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <utility>

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

// Quantiles of the last 512 values. Asked for again and again while nothing comes: computed once.
class RecentValues {
 public:
  void add(float value) {
    values_[next_ % values_.size()] = value;
    ++next_;
  }
  double median() { return quantiles().first; }  // 0 when there are none
  double p99() { return quantiles().second; }

 private:
  std::pair<double, double> quantiles();
  std::array<float, 512> values_{};
  std::size_t next_ = 0, computed_at_ = 0;
  std::pair<double, double> computed_{};
};

}  // namespace weather::bridge
