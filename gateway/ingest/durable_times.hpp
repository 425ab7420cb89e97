// How long messages whose sender waits take from their arrival to being durable. Thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <ctime>
#include <deque>
#include <mutex>

#include "bridge/log/histogram.hpp"
#include "bridge/log/log.hpp"

namespace weather::gateway {

class DurableTimes {
 public:
  // arrived_ns: CLOCK_BOOTTIME. Sequences go up.
  void appended(log::Sequence last, std::int64_t arrived_ns) {
    const std::lock_guard lock(mutex_);
    if (last <= durable_)  // the log's thread was quicker than we
      times_.add(static_cast<double>(boot_clock_ns() - arrived_ns) * 1e-9);
    else if (waiting_.size() < most_waiting)
      waiting_.push_back({last, arrived_ns});
  }
  void durable(log::Sequence durable) { durable_at(durable, boot_clock_ns()); }
  void durable_at(log::Sequence durable, std::int64_t now_ns) {
    const std::lock_guard lock(mutex_);
    durable_ = durable;
    for (; !waiting_.empty() && waiting_.front().last <= durable; waiting_.pop_front())
      times_.add(static_cast<double>(now_ns - waiting_.front().arrived_ns) * 1e-9);
  }
  log::Histogram histogram() const {
    const std::lock_guard lock(mutex_);
    return times_;
  }

 private:
  static constexpr std::size_t most_waiting = 65536;  // a card that hangs must not eat the memory
  struct Waiting {
    log::Sequence last = 0;
    std::int64_t arrived_ns = 0;
  };
  static std::int64_t boot_clock_ns() {
    timespec now{};
    ::clock_gettime(CLOCK_BOOTTIME, &now);
    return std::int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
  }
  mutable std::mutex mutex_;
  log::Sequence durable_ = 0;
  std::deque<Waiting> waiting_;
  log::Histogram times_;
};

}  // namespace weather::gateway
