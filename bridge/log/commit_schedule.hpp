// When what waits is committed: at once if a thread waits or enough is there, else after the interval of
// grouped appends; after an error not before a while that doubles. Pure; the caller holds the log thread's
// work.
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>

namespace weather::log {

// Grouped appends are committed when this much is pending, whatever the interval.
inline constexpr std::size_t commit_at_bytes = 64U << 10U;

class CommitSchedule {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  explicit CommitSchedule(std::chrono::milliseconds interval) : interval_(interval) {}

  // What the callers have left to do.
  struct Waiting {
    std::size_t bytes = 0;           // pending
    std::optional<TimePoint> since;  // the first of it came; nothing: nothing is pending
    bool urgent = false;             // a thread waits for it
    bool rescued = false;            // frames of a failed segment, too
    bool full = false;               // refused before it was written: see for how long
  };
  // TimePoint{}: now. Nothing: there is nothing to commit.
  std::optional<TimePoint> due(const Waiting& waiting) const {
    if (retry_at_) return retry_at_;
    if (waiting.urgent && waiting.rescued) return TimePoint{};
    if (waiting.since) {
      const bool now = waiting.urgent || waiting.bytes >= commit_at_bytes;
      return now ? TimePoint{} : *waiting.since + interval_;
    }
    return waiting.full ? std::optional(TimePoint{}) : std::nullopt;
  }

  // Nothing was written: 1 s, then 2 s ... 10 s.
  void failed(TimePoint now);
  void succeeded() {
    retry_at_.reset();
    backoff_ = {};
  }
  // What was in the way is gone.
  void retry_at(TimePoint now) { retry_at_ = now; }
  const std::optional<TimePoint>& retry() const { return retry_at_; }

 private:
  std::chrono::milliseconds interval_;
  std::optional<TimePoint> retry_at_;
  std::chrono::milliseconds backoff_{};
};

}  // namespace weather::log
