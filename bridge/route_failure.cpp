// What a route does when Kafka does not take a record: hear of everything in flight, decide once, go on.
#include <algorithm>
#include <utility>

#include "bridge/core/kafka_codes.hpp"
#include "bridge/dead_letter_box.hpp"
#include "bridge/error_class.hpp"
#include "bridge/log/identity.hpp"
#include "bridge/route.hpp"
#include "bridge/settings.hpp"

namespace weather::bridge {
namespace {

// A producer that does not report everything it holds within this time is given up.
constexpr std::chrono::seconds longest_drain{90};
constexpr std::chrono::milliseconds purge_again{100};

}  // namespace

// The slot stays in flight until the dead letter is on the card.
bool Route::give_up(const log::Entry& entry, const Encoded& encoded, std::string_view reason,
                    std::string text) {
  DeadLetter letter;
  letter.route = options_.name;
  letter.topic = std::string(encoded.record.topic);
  letter.event_id = log::identify(entry, context_.log.id()).id;
  letter.sequence = entry.sequence;
  letter.time_ns = now_ns_;
  letter.appended_ns = entry.time_ns;
  letter.attempts = encoded.kind == Encoded::Kind::refuse ? 0 : 1;
  letter.reason = std::string(reason);
  letter.error = std::move(text);
  letter.type = entry.type;
  letter.payload.assign(reinterpret_cast<const char*>(entry.payload.data()), entry.payload.size());

  const Window::Id id = window_.push(
      {entry.sequence, entry.sequence + 1, entry.time_ns, 0, encoded.lost_records, Fate::in_flight});
  const auto stored = context_.dead_letters.add(letter, [this, alive = alive_, id] {
    if (!*alive) return;
    window_.settle(id, Fate::dead_lettered);
    // Not from here: letters stored before are told while the next one is handed in, in the middle of pump().
    if (std::exchange(letters_posted_, true)) return;
    context_.scheduler.post([this, alive] {
      if (!*alive) return;
      letters_posted_ = false;
      on_reports_end();
    });
  });
  if (stored) {
    copy_dead_letter(letter, encoded);
    ++meters_.dead_letters[letter.reason];
    given_up_.erase(entry.sequence);
    return true;
  }
  window_.drop_last();
  tell_blocked("record " + letter.event_id + " cannot be delivered (" + letter.error +
               ") and the dead letter store does not take it: " + stored.error().message());
  wait(std::chrono::seconds(5));
  return false;
}

// Stops sending until every record in flight has been heard of: one behind must not overtake.
void Route::fail(int code, log::Sequence sequence) {
  failures_.add(outcome_of(code), sequence);
  if (classify(code) != ErrorClass::local) {
    ++meters_.errors[code];
    last_error_ = explain(code);
    last_error_ns_ = context_.clock.wall_ns();
  }
  if (phase_ == Phase::running) drain();
}

void Route::drain() {
  phase_ = Phase::draining;
  batch_ = {};
  purge_until(context_.clock.steady() + longest_drain);
  // The verdict must not come from inside produce().
  context_.scheduler.post([this, alive = alive_] {
    if (*alive) on_reports_end();
  });
}

// Again and again: what was in flight on a connection that is cut only now goes back into the client's queue
// and would stay there, for nothing connects while the gate is shut.
void Route::purge_until(Link::Time end) {
  producer_->purge(false);
  timer_.set(purge_again, [this, end, alive = alive_] {
    if (!*alive || phase_ != Phase::draining) return;
    if (context_.clock.steady() < end) return purge_until(end);
    failures_.fatal = true;  // silent: make a new one
    drained();
  });
}

// Nothing is in flight any more: one verdict on all that failed.
void Route::drained() {
  timer_.cancel();
  if (transaction_open_ && !failures_.fatal) return abort();
  const Failures failures = std::exchange(failures_, {});
  confirmed_ = false;
  if (another_codec(failures)) {
    read_from(exactly_once() ? window_.rewind_undelivered() : window_.rewind());
    drop_producer();
    return wait(std::chrono::milliseconds(0));
  }
  const double random = context_.scheduler.random();
  const Verdict verdict = flow_.failed(failures, context_.clock.steady(), random);
  note_verdict(verdict, failures);
  read_from(exactly_once() ? window_.rewind_undelivered() : window_.rewind());
  if (verdict.blocked)
    tell_blocked(explain(failures.blocked_code != 0 ? failures.blocked_code : failures.record_code));
  if (producer_ && (producer_->cut_by_us() || std::exchange(renewing_, false))) drop_producer();
  if (verdict.restart) {
    drop_producer();
    ++restarts_;
    if (failures.records == 0 && failures.blocked_code == 0)
      tell(Notice::Level::warning, "the Kafka producer had to be made anew (" + explain(failures.fatal_code) +
                                       "): going on from the last confirmed record");
    if (verdict.plain && !plain_ && !exactly_once()) {  // no transaction without it
      plain_ = true;
      tell(Notice::Level::warning,
           "the idempotent producer stopped three times in ten minutes: going on without idempotence");
    }
  }
  // Another gateway took over this identity: coming back at once would only throw that one out.
  constexpr std::chrono::minutes after_fencing{5};
  const bool fenced = exactly_once() && failures.fatal &&
                      (failures.fatal_code == code::fenced || failures.fatal_code == code::producer_fenced ||
                       failures.fatal_code == code::invalid_producer_epoch);
  if (fenced) tell_blocked(explain(code::fenced));
  wait(fenced ? after_fencing : verdict.wait);
}

// A topic or a broker that does not take this compression gets the next simpler one.
bool Route::another_codec(const Failures& failures) {
  if (failures.blocked_code != code::unsupported_compression_type) return false;
  std::string& codec = properties_["compression.codec"];
  const std::string next = simpler_codec(codec);
  if (next.empty()) return false;
  tell(Notice::Level::warning, "Kafka does not take " + codec + " compression: going on with " + next);
  codec = next;
  properties_.erase("compression.level");
  return true;
}

void Route::note_verdict(const Verdict& verdict, const Failures& failures) {
  if (verdict.ask_topic) ask_again_ = true;
  // Kept until the record is through: a purge that comes late may give it back once more.
  if (verdict.ingest_time != 0) ingest_time_ = verdict.ingest_time;
  if (verdict.dead_letter == 0) return;
  given_up_[verdict.dead_letter] = {std::string(record_reason(failures.record_code)),
                                    explain(failures.record_code)};
}

bool Route::send_dead(const log::Entry& entry, const Encoded& encoded) {
  const auto it = given_up_.find(entry.sequence);
  if (it == given_up_.end()) return give_up(entry, encoded, encoded.reason, encoded.text);
  const GivenUp why = it->second;
  // The present time was refused as well, so it was not the time.
  if (ingest_time_ == entry.sequence) time_guard_.forget_refused(encoded.record.topic);
  return give_up(entry, encoded, why.reason, why.text);
}

// What the topic would refuse, or delete at once, because of its time goes the way that was configured.
// False: not to be produced; it is then given up, or the route waits.
bool Route::may_send_time(const log::Entry& entry, Encoded& encoded) {
  if (ingest_time_ == entry.sequence) {
    time_guard_.note_refused(encoded.record.topic, encoded.event_ns, now_ns_);
    encoded.record.timestamp_ms = now_ns_ / ns_per_ms;
    return true;
  }
  if (!time_guard_.outside(encoded.record.topic, encoded.event_ns, now_ns_)) return true;
  warn_of_age(encoded.record.topic, now_ns_ - encoded.event_ns);
  switch (time_guard_.judge(encoded.record.topic, encoded.event_ns, now_ns_)) {
    case TimeGuard::Verdict::as_it_is:
      return true;
    case TimeGuard::Verdict::ingest_time:
      encoded.record.timestamp_ms = now_ns_ / ns_per_ms;
      return true;
    case TimeGuard::Verdict::dead_letter:
      given_up_[entry.sequence] = {std::string(record_reason(code::invalid_timestamp)),
                                   time_guard_.why(encoded.record.topic, encoded.event_ns, now_ns_)};
      return false;
    case TimeGuard::Verdict::hold:
      // Not while reports are coming: the first one would say that all is well again.
      if (window_.in_flight() == 0)
        hold_back(time_guard_.why(encoded.record.topic, encoded.event_ns, now_ns_));
      return false;
  }
  return true;
}

// Everything waits in the log; the topic is asked again whether its limit was raised.
void Route::hold_back(const std::string& why) {
  tell_blocked(why + ": held as configured; raise the topic's limit, or choose ingest_time");
  ask_again_ = true;
  wait(held_.next(context_.scheduler.random()));
}

}  // namespace weather::bridge
