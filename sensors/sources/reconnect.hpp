// When to try again: exponential backoff with jitter, so that a fleet does not come back in one moment. Pure.
#pragma once

#include <chrono>

namespace weather::sensors {

class ReconnectSchedule {
 public:
  using Clock = std::chrono::steady_clock;
  struct Limits {
    std::chrono::milliseconds first{1'000};
    std::chrono::milliseconds longest{60'000};
    std::chrono::milliseconds stable{30'000};  // a connection this old starts again at `first` when it breaks
  };
  ReconnectSchedule() = default;
  explicit ReconnectSchedule(Limits limits) : limits_(limits) {}

  void connected(Clock::time_point now);
  // An attempt failed or the connection broke: how long to wait. random is in [0, 1): the wait lies between
  // half of the step and the whole step, and the step doubles each time.
  std::chrono::milliseconds failed(Clock::time_point now, double random);
  // Attempts and connections in a row that did not last.
  unsigned failures() const { return failures_; }

 private:
  Limits limits_;
  unsigned failures_ = 0;
  bool connected_ = false;
  Clock::time_point since_;
};

}  // namespace weather::sensors
