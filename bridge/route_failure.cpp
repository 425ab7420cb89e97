// What a route does when Kafka does not take a record: hear of everything in flight, decide once, go on.
#include <algorithm>
#include <utility>

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <librdkafka/rdkafka.h>

#include "bridge/dead_letter_box.hpp"
#include "bridge/error_class.hpp"
#include "bridge/route.hpp"

namespace weather::bridge {
namespace {

// A producer that does not report everything it holds within this time is given up.
constexpr std::chrono::seconds longest_drain{90};

}  // namespace

// The slot stays in flight until the dead letter is on the card.
bool Route::give_up(const log::Entry& entry, const Encoded& encoded, std::string_view reason,
                    std::string text) {
  DeadLetter letter;
  letter.route = options_.name;
  letter.topic = std::string(encoded.record.topic);
  letter.event_id = context_.log.id() + "-" + std::to_string(entry.sequence);
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
    on_reports_end();
  });
  if (stored) {
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
  failures_.add(code, sequence);
  if (classify(code) != ErrorClass::local) {
    last_error_ = explain(code);
    last_error_ns_ = context_.clock.wall_ns();
  }
  if (phase_ != Phase::running) return;
  phase_ = Phase::draining;
  batch_ = {};
  producer_->purge(false);
  timer_.expires_after(longest_drain);
  timer_.async_wait([this, alive = alive_](const boost::system::error_code& error) {
    if (error || !*alive || phase_ != Phase::draining) return;
    failures_.fatal = true;  // silent: make a new one
    drained();
  });
  // The verdict must not come from inside produce().
  boost::asio::post(context_.io, [this, alive = alive_] {
    if (*alive) on_reports_end();
  });
}

// Nothing is in flight any more: one verdict on all that failed.
void Route::drained() {
  timer_.cancel();
  if (transaction_ != Transaction::none && !failures_.fatal) return undo();
  const Failures failures = std::exchange(failures_, {});
  const double random = std::uniform_real_distribution<double>(0, 1)(random_);
  const Verdict verdict = flow_.failed(failures, context_.clock.steady(), random);
  // Kept until the record is through: a purge that comes late may give it back once more.
  if (verdict.ingest_time != 0) ingest_time_ = verdict.ingest_time;
  if (verdict.dead_letter != 0) note_dead_letter(verdict.dead_letter, failures.record_code);
  read_from(exactly_once() ? window_.rewind_undelivered() : window_.rewind());
  if (producer_) producer_->taken_back();
  if (verdict.blocked) tell_blocked(explain(failures.blocked_code));
  if (verdict.restart) {
    drop_producer();
    ++restarts_;
    if (failures.records == 0 && failures.blocked_code == 0)
      tell(Notice::Level::warning, "the Kafka producer had to be made anew (" + explain(failures.fatal_code) +
                                       "): going on from the last confirmed record");
    if (verdict.plain && !plain_) {
      plain_ = true;
      tell(Notice::Level::warning,
           "the idempotent producer stopped three times in ten minutes: going on without idempotence");
    }
  }
  // Another gateway took over this identity: coming back at once would only throw that one out.
  constexpr std::chrono::minutes after_fencing{5};
  const bool fenced = exactly_once() && failures.fatal &&
                      (failures.fatal_code == RD_KAFKA_RESP_ERR__FENCED ||
                       failures.fatal_code == RD_KAFKA_RESP_ERR_INVALID_PRODUCER_EPOCH);
  if (fenced) tell_blocked(explain(RD_KAFKA_RESP_ERR__FENCED));
  wait(fenced ? after_fencing : verdict.wait);
}

// A broker that refuses one time refuses all beyond it: a backlog of them is not tried one by one.
void Route::learn_refused_time(std::int64_t event_ns) {
  if (event_ns < now_ns_) {
    ingest_before_ns_ = std::max(ingest_before_ns_, event_ns);
  } else if (ingest_after_ns_ == 0 || event_ns < ingest_after_ns_) {
    ingest_after_ns_ = event_ns;
  }
}

void Route::note_dead_letter(log::Sequence sequence, int code) {
  // The present time was refused as well, so it was not the time.
  if (code == RD_KAFKA_RESP_ERR_INVALID_TIMESTAMP) ingest_before_ns_ = ingest_after_ns_ = 0;
  given_up_[sequence] = {std::string(record_reason(code)), explain(code)};
}

}  // namespace weather::bridge
