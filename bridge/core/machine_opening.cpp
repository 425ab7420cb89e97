// What must be there, or known, before anything is sent: a client, the topic's limits, the number of the
// schema, and for exactly-once that earlier clients are fenced.
#include <utility>

#include "bridge/core/machine.hpp"

namespace weather::bridge::core {
namespace {

// For the topic's settings; a client may not be allowed to read them and gets no answer.
constexpr std::chrono::seconds longest_answer{5};
constexpr int questions = 3;
constexpr std::chrono::seconds no_client{30};
constexpr std::chrono::minutes a_person{5};  // must do something

}  // namespace

void Machine::handle(const event::Start&) {
  if (!is<Stopped>()) return;
  go();
}

void Machine::go() {
  if (client_ == Client::finished)  // while nothing was sent
    return judge(Failures::of_client(fatal_code_), Next::send);
  if (client_ != Client::none) return ask_limits();
  become(Opening{Opening::Step::client});
  add(Do::make_client);
}

void Machine::handle(const event::ClientMade& made) {
  promises_.made();
  client_ = Client::made;
  first_send_gate_.reset();
  if (made.idempotent) first_send_gate_.emplace(options_.producer_remembered);
  confirmations_.doubt();
  if (!armed(Timer::stall)) look_at_topics();
  ask_limits();
}

void Machine::handle(const event::ClientImpossible& no) {
  block(no.why);
  wait(no_client);
}

void Machine::ask_limits() {
  if (limits_ == Limits::unknown || limits_ == Limits::known) return open_schema();
  become(Opening{Opening::Step::limits});
  arm(Timer::wait, longest_answer);
  add(Do::ask_limits);
}

void Machine::handle(const event::NoTopics&) {
  const auto* opening = std::get_if<Opening>(&state_);
  if (!opening || opening->step != Opening::Step::limits) return;
  disarm(Timer::wait);
  limits_ = limits_ == Limits::stale ? Limits::known : Limits::unknown;
  open_schema();
}

void Machine::handle(const event::LimitsReported&) {
  const auto* opening = std::get_if<Opening>(&state_);
  const bool awaited = opening && opening->step == Opening::Step::limits;
  if (!awaited) {  // a question that is still to be asked stays one
    limits_ = limits_ == Limits::unknown || limits_ == Limits::known ? Limits::known : Limits::stale;
    return;
  }
  limits_ = Limits::known;
  disarm(Timer::wait);
  open_schema();
}

// A client may not be allowed to ask, but while there is no link that is no answer.
void Machine::limits_unanswered() {
  const auto* opening = std::get_if<Opening>(&state_);
  if (!opening || opening->step != Opening::Step::limits) return;
  const bool again = options_.must_know_limits && limits_ == Limits::wanted &&
                     (link_ != Link::State::up || ++unanswered_ < questions);
  if (again) return ask_limits();
  limits_ = limits_ == Limits::stale ? Limits::known : Limits::unknown;
  open_schema();
}

void Machine::open_schema() {
  if (schema_ == Schema::known) return open_transactions();
  become(Opening{Opening::Step::schema});
  Action action{Do::ask_schema};
  action.epoch = epoch_;
  add(action);
}

void Machine::handle(const event::SchemaKnown&) {
  schema_ = Schema::known;
  schema_wait_.reset();
  const auto* opening = std::get_if<Opening>(&state_);
  if (opening && opening->step == Opening::Step::schema) open_transactions();
}

void Machine::handle(const event::SchemaMissing& no) {
  const auto* opening = std::get_if<Opening>(&state_);
  if (!opening || opening->step != Opening::Step::schema) return;
  block(no.why);
  wait(no.for_good ? a_person : schema_wait_.next(moment_.random));
}

void Machine::open_transactions() {
  if (mode_ != ClientMode::transactional || client_ != Client::made) return begin();
  become(Opening{Opening::Step::transactions});
  Action action{Do::open_transactions};
  action.epoch = epoch_;
  add(action);
}

void Machine::handle(const event::Opened& opened) {
  if (!is<Opening>()) return;
  if (client_ == Client::made) client_ = Client::ready;
  restart_at(opened.next);
  begin();
}

void Machine::handle(const event::NotOpened& no) {
  if (!is<Opening>()) return;
  if (!no.blocked.empty()) block(no.blocked);
  Failures failures;
  failures.add(no.outcome, 0);
  if (no.outcome.error_class == ErrorClass::local) failures.other_code = no.outcome.code;
  const Verdict verdict = failure_policy_.failed(failures, moment_.now, moment_.random);
  if (no.fatal || client_ == Client::finished) drop_client();
  wait(verdict.wait);
}

void Machine::handle(const event::OlderCopy& no) {
  if (!is<Opening>()) return;
  block(no.why);
  wait(a_person);
}

void Machine::begin() {
  if (client_ == Client::finished) return go();
  become(Sending{});
  look();
}

void Machine::wait(std::chrono::milliseconds time) {
  become(Waiting{moment_.now + time});
  arm(Timer::wait, time);
}

void Machine::hold(Hold hold, std::chrono::milliseconds time) {
  holds_.set(hold, true);
  arm(Timer::retry, time);
}

// Back-pressure: a report will make room, and without one on its way the time will.
void Machine::wait_for_room(Hold whose) {
  if (window_.in_flight() == 0) hold(whose, std::chrono::milliseconds(200));
}

void Machine::block(std::string why, Cause cause) {
  const bool reported = blocked_.has_value();
  blocked_ = std::move(why);
  cause_ = cause;
  if (!reported) add(Do::report_blocked);
}

void Machine::unblock() {
  held_.reset();
  looked_in_vain_ = 0;
  if (!blocked_) return;
  blocked_.reset();
  add(Do::report_unblocked);
}

void Machine::handle(const event::LogUnreadable& no) {
  block("the log cannot be read: " + no.why, Cause::log);
  hold(Hold::log, std::chrono::seconds(5));
}

void Machine::handle(const event::LogReadable&) {
  if (!failure_policy_.blocked()) unblock();
}

void Machine::handle(const event::DeadLettersBusy&) {
  wait_for_room(Hold::dead_letters);
}

void Machine::handle(const event::DeadLettersFull& no) {
  block(no.why);
  hold(Hold::dead_letters, std::chrono::seconds(5));
}

// Everything waits in the log; the topic is asked again whether its limit was raised.
void Machine::handle(const event::HeldBack& record) {
  block(record.why + ": held as configured; raise the topic's limit, or choose ingest_time");
  limits_ = knows_limits() ? Limits::stale : Limits::wanted;
  wait(held_.next(moment_.random));
}

}  // namespace weather::bridge::core
