// What becomes of the pulses of one line: a count that only grows, and the windows of an anemometer. Pure:
// the clock (CLOCK_MONOTONIC, ns) comes in; one thread at a time.
//
//  - rain: a reading at each tip, at most once a second, and at the end of each window.
//  - wind: a reading at the end of each window through which the line was read; a pulse belongs to the
//    window in which it was, or, if that is over, to the one that runs. No pulse in a window is a calm.
//  - count: a reading at the end of each window.
// Windows begin when the line is opened and follow one another.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <vector>

#include "sensors/pulse/busiest_span.hpp"
#include "sensors/pulse/edge_filter.hpp"

namespace weather::sensors {

enum class PulseKind : std::uint8_t { rain, wind, count };

struct PulseRules {
  PulseKind kind = PulseKind::count;
  std::int64_t window_ns = 60'000'000'000;
};

inline constexpr std::int64_t gust_span_ns = 3'000'000'000, between_tips_ns = 1'000'000'000;

struct PulseReport {
  std::int64_t time_ns = 0;      // of the last pulse, or the end of the window
  std::uint64_t total = 0;       // counted in all
  bool window = false;           // a window is over
  std::uint64_t in_window = 0;   // wind: pulses in it
  std::uint64_t in_busiest = 0;  // ... in the busiest gust_span_ns of it
  friend bool operator==(const PulseReport&, const PulseReport&) = default;
};

class PulseMachine {
 public:
  static constexpr std::int64_t never = std::numeric_limits<std::int64_t>::max();

  explicit PulseMachine(PulseRules rules) : rules_(rules) {}

  // What was counted in earlier lives: once, before the first report.
  void counted_before(std::uint64_t pulses) {
    total_ += pulses;
    reported_ += pulses;
  }
  // The line is read from now on; a window begins.
  void opened(std::int64_t now_ns, EdgeFilter filter);
  // It is read no more: the window that runs is of no use to an anemometer.
  void closed(std::int64_t now_ns);
  void take(const LineEdge& edge);
  // What there is to tell by now; all edges up to now have been taken.
  std::vector<PulseReport> take_reports(std::int64_t now_ns);
  // The line is closed and no more edges come: the readings that are left.
  std::optional<PulseReport> last_word() const;
  // When tell() has something without another edge.
  std::int64_t due_ns() const;

  std::uint64_t total() const { return total_; }
  EdgeCounts counts() const;

 private:
  void add(const std::vector<Pulses>& pulses);
  void place(std::int64_t time_ns);
  PulseReport report(std::int64_t time_ns);
  void next_window(std::vector<PulseReport>& reports);

  PulseRules rules_;
  EdgeFilter filter_;
  EdgeCounts earlier_;  // of the filters before
  bool open_ = false;
  std::uint64_t total_ = 0, reported_ = 0;
  std::int64_t last_pulse_ns_ = 0, last_report_ns_ = std::numeric_limits<std::int64_t>::min() / 2;
  std::int64_t window_end_ns_ = never;
  std::uint64_t in_window_ = 0;
  BusiestSpan busiest_{gust_span_ns};
  std::vector<std::int64_t> later_;  // pulses of the windows to come
};

}  // namespace weather::sensors
