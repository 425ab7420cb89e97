// How long syncs take, as quantiles over the life of the log, in constant memory. Pure.
#pragma once

#include <array>
#include <bit>
#include <chrono>
#include <cstdint>

namespace weather::log {

class Latency {
 public:
  void add(std::chrono::nanoseconds time) {
    ++counts_[bucket(static_cast<std::uint64_t>(time.count() < 0 ? 0 : time.count()))];
    ++total_;
  }
  // Upper edge of the bucket that holds the quantile: at most 25 % above the true value.
  double quantile_s(double q) const {
    auto left = static_cast<std::uint64_t>(q * static_cast<double>(total_));
    for (std::size_t i = 0; i < counts_.size() && total_ > 0; ++i) {
      if (counts_[i] > left) return edge_s(i);
      left -= counts_[i];
    }
    return 0;
  }

 private:
  // Four buckets for each doubling.
  static std::size_t bucket(std::uint64_t ns) {
    const auto width = static_cast<std::size_t>(std::bit_width(ns | 4U));
    return (width - 3) * 4 + static_cast<std::size_t>((ns | 4U) >> (width - 3)) - 4;
  }
  static double edge_s(std::size_t bucket) {
    const auto step = std::uint64_t{1} << (bucket / 4);
    return static_cast<double>((bucket % 4 + 5) * step) * 1e-9;
  }
  std::array<std::uint64_t, 248> counts_{};
  std::uint64_t total_ = 0;
};

}  // namespace weather::log
