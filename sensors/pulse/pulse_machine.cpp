#include "sensors/pulse/pulse_machine.hpp"

#include <algorithm>
#include <utility>

namespace weather::sensors {
namespace {

// Of pulses that the kernel dropped: more than these are counted without a time of their own.
constexpr std::uint64_t most_placed = 1U << 20U;

}  // namespace

void PulseMachine::opened(std::int64_t now_ns, EdgeFilter filter) {
  earlier_ = counts();
  filter_ = filter;
  open_ = true;
  window_end_ns_ = now_ns + rules_.window_ns;
  in_window_ = 0;
  busiest_.clear();
  later_.clear();
}

void PulseMachine::closed(std::int64_t now_ns) {
  std::vector<Pulses> pulses;
  filter_.settle(now_ns, pulses);
  add(pulses);
  open_ = false;
  window_end_ns_ = never;
}

void PulseMachine::take(const LineEdge& edge) {
  std::vector<Pulses> pulses;
  filter_.take(edge, pulses);
  add(pulses);
}

void PulseMachine::add(const std::vector<Pulses>& pulses) {
  for (const auto& some : pulses) {
    total_ += some.count;
    last_pulse_ns_ = std::max(last_pulse_ns_, some.to_ns);
    if (rules_.kind != PulseKind::wind) continue;
    const auto placed = std::min(some.count, most_placed);
    in_window_ += some.count - placed;
    // Evenly, and before the edge that showed them.
    const auto step = static_cast<double>(some.to_ns - some.from_ns) / static_cast<double>(placed + 1);
    for (std::uint64_t i = 1; i <= placed; ++i)
      place(some.count == 1 && some.from_ns == some.to_ns
                ? some.to_ns
                : some.from_ns + static_cast<std::int64_t>(step * static_cast<double>(i)));
  }
}

void PulseMachine::place(std::int64_t time_ns) {
  if (time_ns >= window_end_ns_) {
    later_.push_back(time_ns);
    return;
  }
  ++in_window_;
  busiest_.add(std::max(time_ns, window_end_ns_ - rules_.window_ns));
}

std::vector<PulseReport> PulseMachine::take_reports(std::int64_t now_ns) {
  std::vector<PulseReport> reports;
  std::vector<Pulses> settled;
  if (open_) filter_.settle(now_ns, settled);
  add(settled);
  if (rules_.kind == PulseKind::rain && total_ > reported_ && now_ns - last_report_ns_ >= between_tips_ns) {
    reports.push_back(report(last_pulse_ns_));
    last_report_ns_ = now_ns;
  }
  while (now_ns >= window_end_ns_) next_window(reports);
  return reports;
}

PulseReport PulseMachine::report(std::int64_t time_ns) {
  reported_ = total_;
  return {time_ns, total_, false, 0, 0};
}

void PulseMachine::next_window(std::vector<PulseReport>& reports) {
  auto over = report(window_end_ns_);
  over.window = true;
  if (rules_.kind == PulseKind::wind) {
    over.in_window = in_window_;
    over.in_busiest = busiest_.most();
  } else {
    over.time_ns = std::max(over.time_ns, last_pulse_ns_);  // it tells of that one too
  }
  reports.push_back(over);
  window_end_ns_ += rules_.window_ns;
  in_window_ = 0;
  busiest_.clear();
  for (const auto time : std::exchange(later_, {})) place(time);
}

std::optional<PulseReport> PulseMachine::last_word() const {
  if (rules_.kind == PulseKind::wind || total_ == reported_) return std::nullopt;
  return PulseReport{last_pulse_ns_, total_, false, 0, 0};
}

std::int64_t PulseMachine::due_ns() const {
  auto due = window_end_ns_;
  if (open_) due = std::min(due, filter_.settles_at().value_or(never));
  if (rules_.kind == PulseKind::rain && total_ > reported_)
    due = std::min(due, last_report_ns_ + between_tips_ns);
  return due;
}

EdgeCounts PulseMachine::counts() const {
  const auto& now = filter_.counts();
  return {earlier_.bounced + now.bounced, earlier_.dropped + now.dropped};
}

}  // namespace weather::sensors
