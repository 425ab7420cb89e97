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

double RecentValues::quantile(double q) const {
  const std::size_t count = std::min(next_, values_.size());
  if (count == 0) return 0;
  std::array<float, 512> sorted = values_;
  const auto end = sorted.begin() + static_cast<std::ptrdiff_t>(count);
  const auto at = sorted.begin() + static_cast<std::ptrdiff_t>(q * static_cast<double>(count - 1));
  std::nth_element(sorted.begin(), at, end);
  return static_cast<double>(*at);
}

}  // namespace weather::bridge
