// When Kafka does not take a record: hear of everything in flight, decide once, go on.
#include <utility>

#include "bridge/core/kafka_codes.hpp"
#include "bridge/core/machine.hpp"

namespace weather::bridge::core {
namespace {

// A client that does not report everything it holds within this time is given up.
constexpr std::chrono::seconds longest_drain{90};
constexpr std::chrono::milliseconds purge_after{100};
// Another gateway took over this identity: coming back at once would only throw that one out.
constexpr std::chrono::minutes after_fencing{5};

bool is_fencing(const Failures& failures) {
  return failures.fatal &&
         (failures.fatal_code == code::fenced || failures.fatal_code == code::producer_fenced ||
          failures.fatal_code == code::invalid_producer_epoch);
}

}  // namespace

// Stops sending until every record in flight has been heard of: one behind must not overtake.
void Machine::fail(const Outcome& outcome, log::Sequence sequence) {
  if (auto* draining = std::get_if<Draining>(&state_)) return draining->failures.add(outcome, sequence);
  if (auto* aborting = std::get_if<Aborting>(&state_)) return aborting->failures.add(outcome, sequence);
  if (is<Stopping>()) return purge_again();
  Failures failures;
  failures.add(outcome, sequence);
  if (is<Sending>()) return drain(Next::send, std::move(failures));
  if (is<Renewing>()) return drain(Next::renew, std::move(failures));
  if (is<Retiring>()) return drain(Next::retire, std::move(failures));
}

void Machine::drain(Next next, Failures failures) {
  become(Draining{std::move(failures), next, moment_.now + longest_drain});
  add(Do::drop_batch);
  purge_again();
  arm(Timer::reports, {});  // the verdict must not come from inside produce()
}

// Again and again: what was in flight on a connection that is cut only now goes back into the client's queue
// and would stay there, for nothing connects while the reorder guard is shut.
void Machine::purge_again() {
  auto* draining = std::get_if<Draining>(&state_);
  if (!draining && !is<Stopping>()) return;
  if (draining && moment_.now >= draining->until) {
    draining->failures.fatal = true;  // silent: make a new one
    return heard_of_all(std::move(draining->failures), draining->next);
  }
  if (client_ == Client::none) return;
  add(Do::purge);
  arm(Timer::purge, purge_after);
}

void Machine::handle(const event::ClientFatal& fatal) {
  if (client_ == Client::none) return;
  client_ = Client::finished;
  fatal_code_ = fatal.code;
  const auto note_in = [&fatal](Failures& failures) {
    failures.fatal = failures.any = true;
    failures.fatal_code = fatal.code;
  };
  if (auto* draining = std::get_if<Draining>(&state_)) note_in(draining->failures);
  if (auto* aborting = std::get_if<Aborting>(&state_)) note_in(aborting->failures);
  if (is<Sending>()) drain(Next::send, Failures::of_client(fatal.code));
  if (is<Renewing>()) drain(Next::renew, Failures::of_client(fatal.code));
  if (is<Retiring>()) drain(Next::retire, Failures::of_client(fatal.code));
  // Nothing more will be sent; without this, what no answer comes for would hold up the new one.
  add(Do::purge_all);
}

// It goes on from the watermark with a new one; what the old one holds is given back first.
void Machine::give_up_client() {
  drain(is<Retiring>() ? Next::retire : Next::send, Failures::of_client(code::timed_out));
}

void Machine::heard_of_all(Failures failures, Next next) {
  disarm(Timer::purge);
  if (client_ == Client::finished) failures.fatal = true;
  const bool open = client_ == Client::in_transaction || client_ == Client::committing;
  if (!open || failures.fatal) return judge(std::move(failures), next);
  client_ = Client::aborting;
  promises_.asked_to_end();
  become(Aborting{std::move(failures), next});
  Action action{Do::abort_transaction};
  action.epoch = epoch_;
  add(action);
}

// Nothing is in flight any more: one verdict on all that failed.
void Machine::judge(Failures failures, Next next) {
  confirmations_.doubt();
  const bool codec = failures.blocked_code == code::unsupported_compression_type && codecs_left_ > 0;
  std::chrono::milliseconds time{0};
  if (codec) {
    --codecs_left_;
    rewind();
    add(Do::simpler_codec);
    drop_client();
  } else {
    const Verdict verdict = failure_policy_.failed(failures, moment_.now, moment_.random);
    note(verdict, failures);
    rewind();
    if (verdict.blocked)
      block(options_.explain(failures.blocked_code != 0 ? failures.blocked_code : failures.record_code));
    if (moment_.cut || next == Next::renew) drop_client();
    if (verdict.restart) new_client_for(verdict, failures);
    const bool fenced = mode_ == ClientMode::transactional && is_fencing(failures);
    if (fenced) block(options_.explain(code::fenced));
    time = fenced ? after_fencing : verdict.wait;
  }
  if (next == Next::retire) return retire();
  wait(time);
}

void Machine::new_client_for(const Verdict& verdict, const Failures& failures) {
  drop_client();
  ++restarts_;
  if (failures.records == 0 && failures.blocked_code == 0) {
    Action action{Do::report_restart};
    action.code = failures.fatal_code;
    add(action);
  }
  if (!verdict.plain || mode_ != ClientMode::idempotent) return;  // no transaction without idempotence
  mode_ = ClientMode::plain;
  add(Do::report_plain);
}

void Machine::note(const Verdict& verdict, const Failures& failures) {
  if (verdict.ask_topic) limits_ = knows_limits() ? Limits::stale : Limits::wanted;
  // Kept until the record is through: a purge that comes late may give it back once more.
  if (verdict.ingest_time != 0) ingest_time_ = verdict.ingest_time;
  if (verdict.dead_letter == 0) return;
  given_up_[verdict.dead_letter] = {std::string(options_.reason(failures.record_code)),
                                    options_.explain(failures.record_code)};
}

// Everything without a fate comes again, from the watermark on.
void Machine::rewind() {
  if (mode_ == ClientMode::transactional) {
    window_.rewind_undelivered();
  } else {
    window_.rewind();
  }
  add(Do::reread);
}

void Machine::restart_at(log::Sequence next) {
  window_.restart(next);
  confirmations_.owes_nothing();
  if (auto* sending = std::get_if<Sending>(&state_)) sending->group = {};
  add(Do::reread);
}

void Machine::drop_client() {
  if (client_ == Client::none) return;
  client_ = Client::none;
  fatal_code_ = 0;
  ++epoch_;
  promises_.dropped();
  add(Do::drop_client);
}

}  // namespace weather::bridge::core
