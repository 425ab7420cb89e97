#include "sensors/buses/schedule.hpp"

#include <algorithm>

namespace weather::sensors {

Schedule::Schedule(const std::vector<std::chrono::milliseconds>& intervals, Time start) {
  for (const auto interval : intervals)
    jobs_.push_back({std::max(interval, std::chrono::milliseconds(100)), start});
}

std::optional<std::size_t> Schedule::take_due(Time now) {
  const auto job = std::ranges::min_element(jobs_, {}, &Job::due);
  if (job == jobs_.end() || job->due > now) return std::nullopt;
  const auto missed = (now - job->due) / job->interval;
  job->due += (missed + 1) * job->interval;
  return static_cast<std::size_t>(job - jobs_.begin());
}

Schedule::Time Schedule::next_due() const {
  const auto job = std::ranges::min_element(jobs_, {}, &Job::due);
  return job == jobs_.end() ? Time::max() : job->due;
}

}  // namespace weather::sensors
