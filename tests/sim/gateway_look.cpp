// What must be true of a gateway: all the time, after a start, and in the end.
#include <algorithm>

#include "bridge/dead_letters/store.hpp"
#include "sensors/reading/reading.pb.h"
#include "tests/sim/gateway.hpp"

namespace weather::sim {
namespace {

// A status that says that all goes well while nothing does for so long is not true.
constexpr std::int64_t longest_untruth_ms = 30'000, missing_topic_untruth_ms = 10'000;
// A summary that is due: 2 s behind its period, and the wall clock is looked at every 10 s.
constexpr std::int64_t longest_look_ms = 12'000;

}  // namespace

bool Gateway::takes(std::size_t route, const Given& given) const {
  if (given.kind == Given::anchor) return false;
  if (given.kind == Given::undecodable) return route == 0;
  return !plan_.split || given.kind % plan_.routes == route;
}

// A summary stands for each of its readings. Nothing: the card does not give the letter.
std::optional<std::vector<log::Sequence>> Gateway::readings_of(std::size_t route,
                                                               const bridge::DeadLetter& listed) const {
  if (!is_summary(route)) return std::vector{listed.sequence};
  const auto letter = forwarder_->dead_letter(listed.id);  // with its payload
  if (!letter) return std::nullopt;
  v1::Reading reading;
  if (!reading.ParseFromString(letter->payload) || reading.summary_s() == 0)
    return std::vector{listed.sequence};
  for (const auto& quantity : reading.quantities())
    if (quantity.name() == "number_of_observations")
      return oracle_.summarised(topic(route), listed.sequence,
                                static_cast<std::uint64_t>(quantity.integer()));
  return std::vector{listed.sequence};
}

bool Gateway::look_at_letters() {
  const auto letters = forwarder_->dead_letters(100'000);
  if (!letters) return false;
  for (const auto& letter : *letters)
    for (std::size_t i = 0; i < plan_.routes; ++i)
      if (letter.route == cursor_of(i)) {
        const auto of = readings_of(i, letter);
        if (!of) return false;
        for (const auto sequence : *of) oracle_.dead_lettered(i, sequence);
        oracle_.sent_again(letter.event_id);
      }
  return true;
}

// After a crash: what was a dead letter, and is behind the cursor, is one still.
void Gateway::check_letters() {
  const auto letters = forwarder_->dead_letters(100'000);
  if (!letters) return;
  std::set<std::pair<std::string, log::Sequence>> there;
  for (const auto& letter : *letters)
    for (std::size_t i = 0; i < plan_.routes; ++i)
      if (letter.route == cursor_of(i)) {
        const auto of = readings_of(i, letter);
        if (!of) return;  // the card gives nothing
        for (const auto sequence : *of) there.emplace(letter.route, sequence);
      }
  for (std::size_t i = 0; i < plan_.routes; ++i) {
    const auto next = log_->open_cursor(cursor_of(i))->next;
    for (const auto sequence : oracle_.only_dead_lettered(i))
      if (sequence < next && !there.contains({cursor_of(i), sequence}))
        oracle_.complain("dead letter of record " + std::to_string(sequence) + " is gone after a restart");
  }
}

void Gateway::look_at_fates(std::size_t route) {
  const auto cursor = *log_->open_cursor(cursor_of(route));
  const auto is_taken = [this, route](const Given& given) { return takes(route, given); };
  auto missing = oracle_.without_fate(route, cursor.next, is_taken);
  if (missing.empty()) return;
  if (!look_at_letters()) return;
  missing = oracle_.without_fate(route, cursor.next, is_taken);
  auto dropped = cursor.dropped;
  for (const auto& range : cursor.delivered_ranges) dropped += range.dropped;
  if (missing.size() > (plan_.small_log ? dropped : 0))
    oracle_.complain("the cursor of " + cursor_of(route) + " is at " + std::to_string(cursor.next) +
                     ", and record " + std::to_string(missing.front()) + " is nowhere; of " +
                     std::to_string(missing.size()) + " missing ones " + std::to_string(dropped) +
                     " are counted as dropped");
}

// A route that says that all goes well delivers, or there is nothing to deliver.
void Gateway::look_at_truth(std::size_t route, const bridge::RouteStatus& status) {
  const bool says_well =
      status.state == bridge::RouteState::online || status.state == bridge::RouteState::catching_up;
  const auto moved =
      status.next_sequence + oracle_.seen(topic(route)) + status.delivered + status.dead_lettered;
  const auto now = machine_.loop.now() / ns_per_ms;
  auto& reported = reported_.try_emplace(route, Reported{moved, now, now, 0}).first->second;
  const bool missing = !machine_.broker.topic(topic(route)).rules.exists && machine_.network.all_well();
  const bool not_over = is_summary(route) && log_->status().appended > log_->durable();
  if (!says_well || status.waiting == 0 || moved != std::exchange(reported.moved, moved) || not_over)
    reported.well_since = now;
  if (!says_well || status.waiting == 0 || !missing || not_over) reported.missing_since = now;
  // What waits for its period to end (twice, if the clock was set back meanwhile) is not owed, nor while the
  // card does not take what may be of it.
  const auto open_ms = is_summary(route) ? 2 * plan_.period_s * 1000 + longest_look_ms : 0;
  if (now - reported.well_since > longest_untruth_ms + plan_.start_jitter_ms + open_ms)
    oracle_.complain(status.name + " says " + std::string(to_string(status.state)) +
                     ", and nothing has got through for half a minute");
  // Over a slow line it is asked for, and heard of, later.
  const auto asked_ms =
      std::chrono::duration_cast<std::chrono::milliseconds>(machine_.network.longest).count() * 4;
  reported.asked_ms = missing ? std::max(reported.asked_ms, asked_ms) : 0;
  if (now - reported.missing_since >
      missing_topic_untruth_ms + reported.asked_ms + plan_.start_jitter_ms + open_ms)
    oracle_.complain(status.name + " says " + std::string(to_string(status.state)) +
                     ", and its topic is not there");
  if (status.reason.empty() && status.state != bridge::RouteState::online)
    oracle_.complain(status.name + " is " + std::string(to_string(status.state)) + " and says not why");
}

// At any time: what a cursor has passed has its fate, and the status is true.
void Gateway::look() {
  if (!forwarder_ || stopping_) reported_.clear();  // nobody says anything
  if (!forwarder_ || stopping_ || oracle_.wrong()) return;
  const auto status = forwarder_->status();
  for (std::size_t i = 0; i < plan_.routes; ++i) {
    const auto& route = status.routes[i];
    look_at_fates(i);
    // What comes in now goes beside what is still in flight of the backlog.
    const auto most = plan_.order == bridge::Order::live_first ? plan_.window * 3 / 2 : plan_.window;
    if (route.in_flight > most + 1)
      oracle_.complain(route.name + " has " + std::to_string(route.in_flight) + " records in flight");
    look_at_truth(i, route);
    if (trace_)
      report(route.name + " " + std::string(to_string(route.state)) + ", next " +
             std::to_string(route.next_sequence) + ", waiting " + std::to_string(route.waiting) +
             ", in flight " + std::to_string(route.in_flight) + ", " + route.reason);
  }
}

bool Gateway::through(std::string& why) {
  if (!forwarder_ || stopping_) {
    why = "the forwarder is being replaced";
    return false;
  }
  for (const auto& route : forwarder_->status().routes) {
    why = route.name + " is " + std::string(to_string(route.state)) + " (" + route.reason + "), " +
          std::to_string(route.waiting) + " records wait, " + std::to_string(route.in_flight) + " in flight";
    if (route.waiting != 0 || route.in_flight != 0 || route.state != bridge::RouteState::online) return false;
    // What was sent before its turn is passed with the backlog's next look, which a limited rate puts off.
    if (route.next_sequence != log_->durable() + 1) return false;
  }
  return true;
}

void Gateway::judge_end() {
  look();
  for (std::size_t i = 0; i < plan_.routes && !oracle_.wrong(); ++i) {
    const auto cursor = *log_->open_cursor(cursor_of(i));
    if (cursor.next != log_->durable() + 1)
      oracle_.complain("nothing waits, and the cursor is at " + std::to_string(cursor.next) + " of " +
                       std::to_string(log_->durable()));
    if (cursor.delivered + cursor.dead_lettered + cursor.dropped + cursor.passed != cursor.next - 1)
      oracle_.complain("the counts of " + cursor_of(i) +
                       " do not add up: " + std::to_string(cursor.delivered) + " + " +
                       std::to_string(cursor.dead_lettered) + " + " + std::to_string(cursor.dropped) + " + " +
                       std::to_string(cursor.passed) + " of " + std::to_string(cursor.next - 1));
  }
}

}  // namespace weather::sim
