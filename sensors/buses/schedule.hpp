// When each polled thing is due: at its own fixed rate, first at once. A poll that took too long, or a
// machine that slept, leaves no pile of missed polls: the next one is the next multiple of the interval.
// Pure.
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <vector>

namespace weather::sensors {

class Schedule {
 public:
  using Time = std::chrono::steady_clock::time_point;

  // Intervals below 100 ms count as 100 ms.
  Schedule(const std::vector<std::chrono::milliseconds>& intervals, Time start);

  // The job that is due at `now`, the most overdue first; it counts as done and gets its next time.
  std::optional<std::size_t> take_due(Time now);
  Time next_due() const;  // Time::max() without jobs

 private:
  struct Job {
    std::chrono::milliseconds interval;
    Time due;
  };
  std::vector<Job> jobs_;
};

}  // namespace weather::sensors
