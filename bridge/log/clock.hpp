// The clock the log is written against.
#pragma once

#include <chrono>
#include <cstdint>

namespace weather::log {

class Clock {
 public:
  virtual ~Clock() = default;
  virtual std::int64_t wall_ns() = 0;                          // unix ns, may jump
  virtual std::chrono::steady_clock::time_point steady() = 0;  // for intervals
};

Clock& system_clock();

}  // namespace weather::log
