#include "sensors/pulse/busiest_span.hpp"

#include <algorithm>

namespace weather::sensors {
namespace {

constexpr std::size_t most_times_kept = 16'384;  // 128 KiB

}  // namespace

void BusiestSpan::add(std::int64_t time_ns) {
  times_.push_back(time_ns);
  if (times_.size() < std::max(look_at_, most_times_kept)) return;
  look();
  // Two spans: a later pulse may lie one behind the newest, and its own span begins one before that.
  const auto needed = times_.back() - 2 * span_ns_;
  times_.erase(times_.begin(), std::lower_bound(times_.begin(), times_.end(), needed));
  look_at_ = 2 * times_.size();
}

std::uint64_t BusiestSpan::most() {
  look();
  return most_;
}

void BusiestSpan::clear() {
  times_.clear();
  most_ = 0;
  look_at_ = 0;
}

// A busiest span can be moved until it begins at a pulse.
void BusiestSpan::look() {
  std::sort(times_.begin(), times_.end());
  std::size_t begin = 0;
  for (std::size_t end = 0; end < times_.size(); ++end) {
    while (times_[end] - times_[begin] >= span_ns_) ++begin;
    most_ = std::max<std::uint64_t>(most_, end - begin + 1);
  }
}

}  // namespace weather::sensors
