// What a route tells: its state, and one line for each change of it.
#include <algorithm>
#include <cstdlib>
#include <utility>

#include <librdkafka/rdkafka.h>

#include "bridge/error_class.hpp"
#include "bridge/guard.hpp"
#include "bridge/route.hpp"
#include "bridge/statistics.hpp"

namespace weather::bridge {
namespace {

// Below this much waiting a route counts as up to date.
constexpr std::int64_t up_to_date_ns = 10'000'000'000;
constexpr std::chrono::minutes long_outage{10};

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
  if (classify(code) != ErrorClass::local) {
    last_error_ = steady_text(text);
    last_error_ns_ = context_.clock.wall_ns();
  }
  if (const auto change = link_.error(code, text, context_.clock.steady())) tell_link(*change);
}

void Route::on_fatal(int code, const std::string& text) {
  last_error_ = text;
  last_error_ns_ = context_.clock.wall_ns();
  failures_.fatal_code = code;
  failures_.fatal = true;
  if (phase_ == Phase::running) fail(RD_KAFKA_RESP_ERR__FATAL, 0);
  // Nothing more will be sent; without this, what no answer comes for would hold up the restart.
  if (producer_) producer_->purge(true);
}

void Route::on_statistics(std::string_view json) {
  const Statistics statistics = parse_statistics(json);
  if (const auto change = link_.brokers_up(statistics.brokers_up, context_.clock.steady()))
    tell_link(*change);
}

void Route::on_topic_settings(const std::string& topic, const Properties& settings) {
  BacklogFacts facts;
  facts.largest_record_bytes = largest_record_bytes_;
  const auto* oldest = window_.front();
  if (oldest && oldest->time_ns > 0)
    facts.oldest_age_ms = std::max<std::int64_t>(0, context_.clock.wall_ns() - oldest->time_ns) / 1'000'000;
  if (const auto it = properties_.find("batch.size"); it != properties_.end())
    facts.message_max_bytes = std::atoll(it->second.c_str());
  warnings_ = judge_topic(topic, settings, facts);
  for (const auto& warning : warnings_) tell(Notice::Level::warning, warning);
}

// Link changes are told by tell_link; librdkafka's own lines about them would repeat for each try.
void Route::on_log(int severity, std::string_view text) {
  constexpr int syslog_error = 3;
  if (severity >= syslog_error) return;
  tell(Notice::Level::error, "librdkafka: " + std::string(text));
}

void Route::tell(Notice::Level level, std::string text) {
  if (context_.observer.notice) context_.observer.notice({level, options_.name, std::move(text)});
}

void Route::tell_link(const Link::Change& change) {
  const std::string backlog = std::to_string(waiting()) + " records are waiting";
  switch (change.state) {
    case Link::State::up:
      tell(Notice::Level::info, "Kafka is reached after " + in_words(change.lasted) + ": " + backlog);
      // Not after each flap: what is said then would be said again.
      if (producer_ && options_.topic.find('{') == std::string::npos &&
          (!std::exchange(asked_topic_, true) || change.lasted > long_outage))
        producer_->describe_topic(options_.topic);
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

void Route::tell_blocked(const std::string& why) {
  blocked_reason_ = why;
  if (std::exchange(told_blocked_, true)) return;
  tell(Notice::Level::error,
       "nothing can be delivered to " + options_.topic + ": " + why + "; everything is kept and tried again");
}

void Route::tell_unblocked() {
  blocked_reason_.clear();
  if (std::exchange(told_blocked_, false))
    tell(Notice::Level::info, "delivering to " + options_.topic + " again");
}

std::uint64_t Route::waiting() const {
  const log::Sequence durable = context_.log.durable();
  // What was dropped before the first record left has its fate, though the sink does not know it yet.
  const auto next = std::max(cursor_.next, context_.log.status().first);
  return durable >= next ? durable + 1 - next : 0;
}

RouteState Route::state_now(std::uint64_t waiting) const {
  if (paused_) return RouteState::paused;
  if (told_blocked_ || link_.state() == Link::State::refused) return RouteState::blocked;
  if (link_.state() != Link::State::up) return RouteState::offline;
  if (waiting == 0) return RouteState::online;
  const auto* oldest = window_.front();
  const bool late = oldest && context_.clock.wall_ns() - oldest->time_ns > up_to_date_ns;
  return late || waiting > 2 * context_.options.window_records ? RouteState::catching_up : RouteState::online;
}

RouteStatus Route::status() {
  RouteStatus status;
  status.name = options_.name;
  status.topic = options_.topic;
  status.delivered = cursor_.delivered;
  status.dead_lettered = cursor_.dead_lettered;
  status.dropped = cursor_.dropped;
  status.delivered_bytes = delivered_bytes_;
  status.in_flight = window_.in_flight();
  status.waiting = waiting();
  status.next_sequence = cursor_.next;
  if (const auto* oldest = window_.front(); oldest && status.waiting > 0)
    status.oldest_waiting_ns = oldest->time_ns;
  status.records_per_s = rate_.per_second(context_.clock.steady());
  if (status.waiting > 0 && status.records_per_s > 0)
    status.eta_s = static_cast<double>(status.waiting) / status.records_per_s;
  status.delivery_p50_s = latencies_.quantile(0.5);
  status.delivery_p99_s = latencies_.quantile(0.99);
  status.producer_restarts = restarts_;
  status.resent = resent_;
  status.last_error = last_error_;
  status.last_error_ns = last_error_ns_;
  status.last_delivered_ns = last_delivered_ns_;
  status.warnings = warnings_;
  status.state = state_now(status.waiting);
  if (status.state == RouteState::blocked) status.reason = told_blocked_ ? blocked_reason_ : link_.reason();
  if (status.state == RouteState::offline) status.reason = link_.reason();
  if (status.state == RouteState::paused) status.reason = "paused by a person";
  if (status.state == RouteState::catching_up)
    status.reason = std::to_string(status.waiting) + " records are waiting";
  return status;
}

}  // namespace weather::bridge
