#include "bridge/core/meter.hpp"

#include <algorithm>
#include <cmath>

namespace weather::bridge {

void RateMeter::add(std::uint64_t count, Time now) {
  pending_ += count;
  roll(now);
}

double RateMeter::per_second(Time now) {
  roll(now);
  return rate_;
}

void RateMeter::roll(Time now) {
  const double seconds = std::chrono::duration<double>(now - since_).count();
  if (seconds < 1) return;
  const double current = static_cast<double>(pending_) / seconds;
  const double keep = std::exp(-seconds / 10);
  rate_ = rate_ == 0 ? current : rate_ * keep + current * (1 - keep);
  pending_ = 0;
  since_ = now;
}

std::pair<double, double> RecentValues::quantiles() {
  const std::size_t count = std::min(next_, values_.size());
  if (computed_at_ == next_) return computed_;
  std::array<float, 512> sorted = values_;
  const auto at = [&sorted, count](double q) {
    return sorted.begin() + static_cast<std::ptrdiff_t>(q * static_cast<double>(count - 1));
  };
  const auto median = at(0.5), p99 = at(0.99);
  std::nth_element(sorted.begin(), p99, sorted.begin() + static_cast<std::ptrdiff_t>(count));
  std::nth_element(sorted.begin(), median, p99);
  computed_at_ = next_;
  return computed_ = {static_cast<double>(*median), static_cast<double>(*p99)};
}

}  // namespace weather::bridge
