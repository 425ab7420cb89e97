// What a route tells: its state, and one line for each change of it.
#include <algorithm>
#include <cstdlib>
#include <utility>

#include "bridge/core/kafka_codes.hpp"
#include "bridge/error_class.hpp"
#include "bridge/guard.hpp"
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
  failures_.fatal = failures_.any = true;
  if (phase_ == Phase::running) fail(code::fatal, 0);
  // Nothing more will be sent; without this, what no answer comes for would hold up the restart.
  if (producer_) producer_->purge(true);
}

void Route::on_statistics(std::string_view json) {
  const Statistics statistics = parse_statistics(json);
  const auto now = context_.clock.steady();
  pace_.update(statistics.throttle_ms, rate_.per_second(now), now);
  use_pace();
  (void)eta_.update(waiting(), now);
  meters_.brokers = statistics.brokers;
  if (const auto change = link_.brokers_up(statistics.brokers_up, context_.clock.steady()))
    tell_link(*change);
}

// All topics seen so far; false if there is none yet.
bool Route::ask_topics() {
  for (const auto& [topic, told] : topics_) ask_topic(topic);
  return !topics_.empty();
}

void Route::ask_topic(const std::string& topic) {
  questions_.asked(topic);
  producer_->describe_topic(topic);
}

void Route::ask_open_topics() {
  for (const auto& topic : questions_.open()) producer_->describe_topic(topic);
}

// The topic may not exist yet, or its broker is being elected.
void Route::ask_topics_later() {
  if (questions_.open().empty() || std::exchange(asks_later_, true)) return;
  ask_timer_.set(ask_wait_.next(context_.scheduler.random()), [this, alive = alive_] {
    if (!*alive || stopping_) return;
    asks_later_ = false;
    if (producer_) ask_open_topics();
  });
}

void Route::on_no_topic_settings(int code) {
  questions_.failed(code);
  ask_topics_later();
}

void Route::on_topic_settings(const std::string& topic, int code, const Properties& settings) {
  questions_.answered(topic, code);
  ask_topics_later();
  if (code == 0) {
    ask_wait_.reset();
    time_guard_.learn(topic, time_limits(settings));
    Told& told = topics_[topic];
    told.settings = settings;
    told.oldest_age_ms = 0;
    judge(topic, told);
  }
  answered_ = true;
  if (std::exchange(waits_answer_, false) && phase_ == Phase::waiting) {
    timer_.cancel();
    go();
  }
}

// A record is older than its topic takes or keeps: told once, and again if the settings are read again.
void Route::warn_of_age(std::string_view topic, std::int64_t age_ns) {
  const auto it = topics_.find(topic);
  if (it == topics_.end() || it->second.settings.empty() || it->second.oldest_age_ms != 0) return;
  it->second.oldest_age_ms = std::max<std::int64_t>(1, age_ns / ns_per_ms);
  judge(it->first, it->second);
}

void Route::judge(const std::string& topic, Told& told) {
  BacklogFacts facts;
  facts.oldest_age_ms = told.oldest_age_ms;
  facts.largest_record_bytes = largest_record_bytes_;
  if (const auto it = properties_.find("batch.size"); it != properties_.end())
    facts.message_max_bytes = std::atoll(it->second.c_str());
  auto warnings = judge_topic(topic, told.settings, facts, context_.options.backlog);
  for (const auto& warning : warnings)
    if (std::find(told.warnings.begin(), told.warnings.end(), warning) == told.warnings.end())
      tell(Notice::Level::warning, warning);
  told.warnings = std::move(warnings);
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

void Route::tell_link(const Link::Change& change) {
  const std::string backlog = std::to_string(waiting()) + " records are waiting";
  switch (change.state) {
    case Link::State::up:
      tell(Notice::Level::info, "Kafka is reached after " + in_words(change.lasted) + ": " + backlog);
      if (change.lasted > short_outage && waiting() > context_.options.window_records) spread();
      // Not after each flap: what is said then would be said again.
      if (producer_ && (!answered_ || change.lasted > long_outage)) ask_topics();
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
  held_.reset();
  looked_in_vain_ = 0;
  if (std::exchange(told_blocked_, false))
    tell(Notice::Level::info, "delivering to " + options_.topic + " again");
}

std::uint64_t Route::waiting() const {
  const log::Sequence durable = context_.log.durable();
  if (part_ == Part::live) return durable + 1 - window_.next();
  const std::uint64_t waiting = position_->waiting(durable);
  // What was dropped before the first record left has its fate, though the sink does not know it yet.
  const log::Sequence next = position_->next(), first = context_.log.status().first;
  const std::uint64_t gone = first > next ? first - next - position_->overlap(next, first - 1) : 0;
  return waiting - std::min(waiting, gone);
}

RouteState Route::state_now(std::uint64_t waiting) const {
  if (paused_) return RouteState::paused;
  if (told_blocked_ || link_.state() == Link::State::refused) return RouteState::blocked;
  if (holding_) return RouteState::holding;
  if (link_.state() != Link::State::up) return RouteState::offline;
  if (waiting == 0) return RouteState::online;
  if (!confirms()) return RouteState::offline;
  const auto* oldest = window_.front();
  const bool late = oldest && context_.clock.wall_ns() - oldest->time_ns > up_to_date_ns;
  return late || waiting > 2 * context_.options.window_records ? RouteState::catching_up : RouteState::online;
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
  status.in_flight = window_.in_flight();
  status.waiting = waiting();
  status.next_sequence = position_->next();
  if (const auto* oldest = window_.front(); oldest && status.waiting > 0)
    status.oldest_waiting_ns = oldest->time_ns;
  status.records_per_s = rate_.per_second(context_.clock.steady());
  status.eta_s = eta_.update(status.waiting, context_.clock.steady());
  if (!eta_.known() && status.waiting > 0 && status.records_per_s > 0)
    status.eta_s = static_cast<double>(status.waiting) / status.records_per_s;
  status.allowed_per_s = budget_.per_second();
  status.delivery_p50_s = latencies_.quantile(0.5);
  status.delivery_p99_s = latencies_.quantile(0.99);
  status.producer_restarts = restarts_;
  status.resent = resent_;
  status.last_error = last_error_;
  status.last_error_ns = last_error_ns_;
  status.last_delivered_ns = last_delivered_ns_;
  for (const auto& [topic, told] : topics_)
    status.warnings.insert(status.warnings.end(), told.warnings.begin(), told.warnings.end());
  status.meters = meters_;
  status.state = state_now(status.waiting);
  if (status.state == RouteState::blocked) status.reason = told_blocked_ ? blocked_reason_ : link_.reason();
  if (status.state == RouteState::offline)
    status.reason = link_.state() == Link::State::up ? "Kafka is reached, and has not confirmed a record yet"
                                                     : link_.reason();
  if (status.state == RouteState::paused) status.reason = "paused by a person";
  status.live_p50_s = status.delivery_p50_s;
  status.live_p99_s = status.delivery_p99_s;
  if (status.state == RouteState::holding) status.reason = "holding until " + hold_until_;
  if (status.state == RouteState::catching_up) {
    status.reason = std::to_string(status.waiting) + " records are waiting";
    if (pace_.per_second() > 0) status.reason += "; the broker asks for patience (a quota)";
  }
  if (live_) add_live(status);
  return status;
}

}  // namespace weather::bridge
