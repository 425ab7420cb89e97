// What a stream tells of itself.
#include <algorithm>

#include "bridge/dead_letters/writer.hpp"
#include "bridge/log/counted.hpp"
#include "bridge/route/stream.hpp"

namespace weather::bridge {
namespace {

// Below this much waiting a stream counts as up to date.
constexpr std::int64_t up_to_date_ns = 10'000'000'000;
// A live stream that is this late is a backlog itself: a new one begins at the newest record.
constexpr std::int64_t lag_age_ns = 60'000'000'000;
constexpr std::uint64_t lag_records = 1000;
constexpr std::chrono::seconds shortest_part{60};

}  // namespace

std::uint64_t Stream::waiting() const {
  const log::Sequence durable = context_.log.durable();
  if (part_ == Part::live) return durable + 1 - machine_.window().next();
  const Position& position = owner_.position();
  const std::uint64_t waiting = position.waiting(durable);
  // What was dropped before the first record left has its fate, though the sink does not know it yet.
  const log::Sequence next = position.next(), first = context_.log.status().first;
  const std::uint64_t gone = first > next ? first - next - position.overlap(next, first - 1) : 0;
  return waiting - std::min(waiting, gone);
}

// Nothing behind a dead letter is passed before that is kept.
bool Stream::awaits_card(std::uint64_t waiting) const {
  return waiting > 0 && !context_.dead_letters.trouble().empty();
}

// Without what waits for its period to end.
std::uint64_t Stream::to_send(std::uint64_t waiting) const {
  return thinned_ && caught_up_ ? machine_.window().size() : waiting;
}

RouteState Stream::state_now(std::uint64_t all_waiting, const core::Machine* other) const {
  const auto waiting = to_send(all_waiting);
  const core::Holds& holds = machine_.holds();
  if (holds.has(core::Hold::paused)) return RouteState::paused;
  if (machine_.blocked() || link_.state() == Link::State::refused || awaits_card(waiting))
    return RouteState::blocked;
  if (holds.has(core::Hold::hours)) return RouteState::holding;
  if (link_.state() != Link::State::up) return RouteState::offline;
  if (waiting == 0) return RouteState::online;
  if (!machine_.confirms(context_.clock.steady(), other)) return RouteState::offline;
  const auto* oldest = machine_.window().front();
  const bool late = oldest && context_.clock.wall_ns() - oldest->time_ns > up_to_date_ns;
  return late || waiting > 2 * context_.options.window_records ? RouteState::catching_up : RouteState::online;
}

std::string Stream::reason_now(RouteState state, std::uint64_t waiting) const {
  switch (state) {
    case RouteState::online:
      return {};
    case RouteState::blocked:
      if (machine_.blocked() || !awaits_card(waiting)) return machine_.blocked().value_or(link_.reason());
      return "a dead letter cannot be written to the card: " + context_.dead_letters.trouble();
    case RouteState::offline:
      return link_.state() == Link::State::up ? link_.name() + " is reached, and confirms no records"
                                              : link_.reason();
    case RouteState::paused:
      return "paused by a person";
    case RouteState::holding:
      return {};  // the route knows until when
    case RouteState::catching_up:
      return log::waiting_records(waiting) +
             (machine_.holds().has(core::Hold::spread) ? ", and soon sent: not all gateways at once" : "") +
             (pace_.per_second() > 0 ? "; the broker asks for patience (a quota)" : "");
  }
  return {};
}

bool Stream::lags() const {
  const auto* oldest = machine_.window().front();
  return oldest && context_.clock.wall_ns() - oldest->time_ns > lag_age_ns && waiting() > lag_records &&
         context_.clock.steady() - opened_ > shortest_part;
}

void Stream::fill(RouteStatus& status, const core::Machine* other) {
  const auto now = context_.clock.steady();
  status.delivered_bytes = delivered_bytes_;
  status.in_flight = machine_.window().in_flight();
  status.waiting = waiting();
  // With nothing taken for sending just now (a rate that allows none, a client made anew) it is the next one,
  // or not known better than before.
  if (const auto* oldest = machine_.window().front())
    oldest_waiting_ns_ = oldest->time_ns;
  else if (!batch_.empty())
    oldest_waiting_ns_ = batch_.front().time_ns;
  status.oldest_waiting_ns = status.waiting > 0 ? oldest_waiting_ns_ : 0;
  status.records_per_s = rate_.per_second(now);
  status.eta_s = eta_.update(status.waiting, now);
  if (!eta_.known() && status.waiting > 0 && status.records_per_s > 0)
    status.eta_s = static_cast<double>(status.waiting) / status.records_per_s;
  status.delivery_p50_s = latencies_.median();
  status.delivery_p99_s = latencies_.p99();
  status.producer_restarts = machine_.restarts();
  status.resent = resent_;
  status.last_error = last_error_;
  status.last_error_ns = last_error_ns_;
  status.last_delivered_ns = last_delivered_ns_;
  for (const auto& [topic, reported] : topics_)
    status.warnings.insert(status.warnings.end(), reported.warnings.begin(), reported.warnings.end());
  status.meters = meters_;
  status.state = state_now(status.waiting, other);
  status.reason = reason_now(status.state, status.waiting);
}

}  // namespace weather::bridge
