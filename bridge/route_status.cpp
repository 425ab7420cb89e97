// What a route tells: its state, and one line for each change of it.
#include <algorithm>
#include <utility>

#include "bridge/error_class.hpp"
#include "bridge/route.hpp"
#include "bridge/statistics.hpp"

namespace weather::bridge {
namespace {

// Below this much waiting a route counts as up to date.
constexpr std::int64_t up_to_date_ns = 10'000'000'000;
constexpr std::chrono::minutes short_outage{1}, long_outage{10};

std::string in_words(std::chrono::milliseconds time) {
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(time).count();
  if (seconds < 1) return "less than a second";
  if (seconds < 120) return std::to_string(seconds) + " s";
  if (seconds < 7200) return std::to_string(seconds / 60) + " min";
  if (seconds < 172800) return std::to_string(seconds / 3600) + " h";
  return std::to_string(seconds / 86400) + " days";
}

}  // namespace

void Route::on_error(int code, const std::string& text) {
  if (producer_ && producer_->cut_by_us()) return;
  if (classify(code) != ErrorClass::local) note_error_text(steady_text(text));
  link_changed(link_.error(code, text, context_.clock.steady()));
}

void Route::on_fatal(int code, const std::string& text) {
  ++meters_.errors[code];
  note_error_text(text);
  on(core::event::ClientFatal{code});
}

void Route::on_statistics(std::string_view json) {
  const Statistics statistics = parse_statistics(json);
  const auto now = context_.clock.steady();
  pace_.update(statistics.throttle_ms, rate_.per_second(now), now);
  use_pace();
  (void)eta_.update(waiting(), now);
  meters_.brokers = statistics.brokers;
  link_changed(link_.brokers_up(statistics.brokers_up, now));
}

// Link changes are told by tell_link; librdkafka's own lines about them would repeat for each try.
void Route::on_log(int severity, std::string_view text) {
  constexpr int syslog_error = 3;
  if (severity >= syslog_error) return;
  tell(Notice::Level::error, "librdkafka: " + std::string(text));
}

void Route::tell(Notice::Level level, std::string text) {
  if (part_ == Part::live) return;  // the backlog's producer meets the same Kafka and says it
  if (context_.observer.notice) context_.observer.notice({level, options_.name, std::move(text)});
}

void Route::link_changed(const std::optional<Link::Change>& change) {
  if (!change) return;
  on(core::event::LinkChanged{change->state});
  tell_link(*change);
}

void Route::tell_link(const Link::Change& change) {
  const std::string backlog = std::to_string(waiting()) + " records are waiting";
  switch (change.state) {
    case Link::State::up:
      tell(Notice::Level::info, "Kafka is reached after " + in_words(change.lasted) + ": " + backlog);
      if (change.lasted > short_outage && waiting() > context_.options.window_records) spread();
      // Not after each flap: what is said then would be said again.
      if (producer_ && (!machine_.knows_limits() || change.lasted > long_outage)) ask_topics();
      break;
    case Link::State::down:
      tell(Notice::Level::warning, "Kafka cannot be reached (" + link_.reason() + "): " + backlog +
                                       ", more are kept until it is back");
      break;
    case Link::State::refused:
      tell(Notice::Level::error, "Kafka refuses this gateway (" + link_.reason() + "): " + backlog);
      break;
    case Link::State::connecting:
      break;
  }
}

std::uint64_t Route::waiting() const {
  const log::Sequence durable = context_.log.durable();
  if (part_ == Part::live) return durable + 1 - machine_.window().next();
  const std::uint64_t waiting = position_->waiting(durable);
  // What was dropped before the first record left has its fate, though the sink does not know it yet.
  const log::Sequence next = position_->next(), first = context_.log.status().first;
  const std::uint64_t gone = first > next ? first - next - position_->overlap(next, first - 1) : 0;
  return waiting - std::min(waiting, gone);
}

RouteState Route::state_now(std::uint64_t waiting) const {
  const core::Holds& holds = machine_.holds();
  if (holds.has(core::Hold::paused)) return RouteState::paused;
  if (machine_.blocked() || link_.state() == Link::State::refused) return RouteState::blocked;
  if (holds.has(core::Hold::hours)) return RouteState::holding;
  if (link_.state() != Link::State::up) return RouteState::offline;
  if (waiting == 0) return RouteState::online;
  if (!machine_.confirms(context_.clock.steady())) return RouteState::offline;
  const auto* oldest = machine_.window().front();
  const bool late = oldest && context_.clock.wall_ns() - oldest->time_ns > up_to_date_ns;
  return late || waiting > 2 * context_.options.window_records ? RouteState::catching_up : RouteState::online;
}

std::string Route::reason_now(RouteState state, std::uint64_t waiting) const {
  switch (state) {
    case RouteState::online:
      return {};
    case RouteState::blocked:
      return machine_.blocked().value_or(link_.reason());
    case RouteState::offline:
      return link_.state() == Link::State::up ? "Kafka is reached, and has not confirmed a record yet"
                                              : link_.reason();
    case RouteState::paused:
      return "paused by a person";
    case RouteState::holding:
      return "holding until " + hold_until_;
    case RouteState::catching_up:
      return std::to_string(waiting) + " records are waiting" +
             (pace_.per_second() > 0 ? "; the broker asks for patience (a quota)" : "");
  }
  return {};
}

RouteStatus Route::status() {
  RouteStatus status;
  status.name = options_.name;
  status.topic = options_.topic;
  const log::Cursor total = position_->total();
  status.delivered = total.delivered;
  status.dead_lettered = total.dead_lettered;
  status.dropped = total.dropped;
  status.delivered_bytes = delivered_bytes_;
  status.in_flight = machine_.window().in_flight();
  status.waiting = waiting();
  status.next_sequence = position_->next();
  if (const auto* oldest = machine_.window().front(); oldest && status.waiting > 0)
    status.oldest_waiting_ns = oldest->time_ns;
  status.records_per_s = rate_.per_second(context_.clock.steady());
  status.eta_s = eta_.update(status.waiting, context_.clock.steady());
  if (!eta_.known() && status.waiting > 0 && status.records_per_s > 0)
    status.eta_s = static_cast<double>(status.waiting) / status.records_per_s;
  status.allowed_per_s = budget_.per_second();
  status.delivery_p50_s = latencies_.quantile(0.5);
  status.delivery_p99_s = latencies_.quantile(0.99);
  status.producer_restarts = restarts();
  status.resent = resent_;
  status.last_error = last_error_;
  status.last_error_ns = last_error_ns_;
  status.last_delivered_ns = last_delivered_ns_;
  for (const auto& [topic, told] : topics_)
    status.warnings.insert(status.warnings.end(), told.warnings.begin(), told.warnings.end());
  status.meters = meters_;
  status.state = state_now(status.waiting);
  status.reason = reason_now(status.state, status.waiting);
  status.live_p50_s = status.delivery_p50_s;
  status.live_p99_s = status.delivery_p99_s;
  if (live_) add_live(status);
  return status;
}

}  // namespace weather::bridge
