// Is the log thread doing its work? For the watchdog: Kafka may be away for
// weeks, the log may not stand still. Pure.
#pragma once

#include <chrono>
#include <optional>

#include "bridge/log/log.hpp"

namespace weather::gateway {

class ProgressWatch {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;
  explicit ProgressWatch(std::chrono::milliseconds patience) : patience_(patience) {}

  // False once something has waited to become durable for longer than
  // `patience` without any progress. A log that knows that its card is broken
  // is not stuck: it says so and tries again by itself.
  bool healthy(const log::Status& status, TimePoint now) {
    if (!since_ || status.durable != durable_ || status.appended <= status.durable || !status.writable) {
      durable_ = status.durable;
      since_ = now;
    }
    return now - *since_ <= patience_;
  }

 private:
  const std::chrono::milliseconds patience_;
  log::Sequence durable_ = 0;
  std::optional<TimePoint> since_;  // nothing: not looked yet
};

}  // namespace weather::gateway
