// What a route decides: events in, actions out. Pure; one thread. Its owner runs the actions in order
// and tells of what becomes of them; a client's calls must not come back from inside.
//
// The way of a record does not go through events: may_send(), take(), given() and settle() are called for
// each, and one TurnEnded or ReportsEnd for all of them.
#pragma once

#include <array>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "bridge/core/backoff.hpp"
#include "bridge/core/confirmations.hpp"
#include "bridge/core/event.hpp"
#include "bridge/core/first_send_gate.hpp"
#include "bridge/core/promises.hpp"

namespace weather::bridge::core {

struct MachineOptions {
  ClientMode mode = ClientMode::idempotent;
  std::size_t window_records = 2000, window_bytes = 4U << 20;
  RefusedTime refused_time = RefusedTime::ingest_time;
  bool must_know_limits = false;                                           // before anything is sent
  bool asks_schema = false;                                                // its number is not known yet
  int simpler_codecs = 0;                                                  // how many there are to try
  std::chrono::milliseconds linger{};                                      // of the client
  std::chrono::milliseconds producer_remembered = std::chrono::hours(12);  // by the brokers, while silent
  std::string (*explain)(int code) = nullptr;
  std::string_view (*reason)(int code) = nullptr;  // of a dead letter
};

// Why a record is to be dead-dead_lettered when it comes by again.
struct GivenUp {
  std::string reason, text;
};

class Machine {
 public:
  Machine(const MachineOptions& options, log::Sequence from, Time now);

  [[nodiscard]] Actions on(const Event& event, const Moment& moment);

  // The way of a record, in Do::send.
  bool may_send() const;
  // The fate it got before a rewind: it is pushed with that, and goes no further.
  bool skip(const Window::Slot& slot);
  void pass(const Window::Slot& slot);  // there is nothing to send, or it was sent before a rewind
  // False: the first record of this key is under way.
  bool may_go(std::string_view topic, std::string_view key);
  bool needs_transaction() const { return mode_ == ClientMode::transactional && client_ == Client::ready; }
  // What goes to the client, or to the dead letter store, under this number. Nothing: a promise would be
  // broken, and is reported by the TurnEnded that follows.
  std::optional<Window::Id> take(const Window::Slot& slot);
  void untake() { window_.drop_last(); }
  void given(Window::Id id);                   // the client has it
  void dead_lettered(log::Sequence sequence);  // the dead letter store has it
  // A report: the slot as it was, nothing if it was not in flight. Of a failed one Failed follows.
  std::optional<Window::Slot> settle(Window::Id id, bool delivered);

  // What a verdict said of single records.
  const GivenUp* given_up(log::Sequence sequence) const;
  void give_up(log::Sequence sequence, GivenUp why) { given_up_[sequence] = std::move(why); }
  bool takes_present_time(log::Sequence sequence) const { return ingest_time_ == sequence; }
  // How many may be in flight, of the window: both parts of a route share it.
  void share_window(std::size_t records) { share_ = records; }

  template <class S>
  bool is() const {
    return std::holds_alternative<S>(state_);
  }
  const Holds& holds() const { return holds_; }
  const Window& window() const { return window_; }
  ClientMode mode() const { return mode_; }
  Epoch epoch() const { return epoch_; }
  const std::optional<std::string>& blocked() const { return blocked_; }
  bool log_was_unreadable() const { return blocked_ && cause_ == Cause::log; }
  // What is sent arrives, of both parts of a route if there is another.
  bool confirms(Time now, const Machine* other = nullptr) const;
  bool sends_together() const { return failure_policy_.limit() > 1; }
  bool knows_limits() const { return limits_ == Limits::known || limits_ == Limits::stale; }
  bool has_open_transaction() const;
  std::uint64_t restarts() const { return restarts_; }
  std::string describe() const;  // for the journal

 private:
  enum class Limits : std::uint8_t { unknown, wanted, known, stale };  // wanted, stale: ask before sending
  enum class Schema : std::uint8_t { unknown, known };
  enum class Cause : std::uint8_t { kafka, log };

  void handle(const event::Start&);
  void handle(const event::Look&) { look(); }
  void handle(const event::TurnEnded& turn) { end_turn(turn.why); }
  void handle(const event::Failed& report) { fail(report.outcome, report.sequence); }
  void handle(const event::NotTaken& record);
  void handle(const event::DeadLetterStored& letter);
  void handle(const event::ReportsEnd& reports) { reports_end(reports.delivered); }
  void handle(const event::ClientMade& made);
  void handle(const event::ClientImpossible& no);
  void handle(const event::ClientFatal& fatal);
  void handle(const event::LinkChanged& link) {
    link_ = link.state;
    if (link_ != Link::State::up) answering_since_.reset();
  }
  void handle(const event::NoTopics&);
  void handle(const event::LimitsReported&);
  void handle(const event::SchemaKnown&);
  void handle(const event::SchemaMissing& no);
  void handle(const event::Opened& opened);
  void handle(const event::NotOpened& no);
  void handle(const event::OlderCopy& no);
  void handle(const event::Begun&);
  void handle(const event::NotBegun& no);
  void handle(const event::Ended& end);
  void handle(const event::TransactionFailed& failed);
  void handle(const event::Flushed& flushed);
  void handle(const event::Alarm& alarm);
  void handle(const event::TopicsLookedAt& answer);
  void handle(const event::LogUnreadable& no);
  void handle(const event::LogReadable&);
  void handle(const event::DeadLettersBusy& no);
  void handle(const event::DeadLettersFull& no);
  void handle(const event::HeldBack& record);
  void handle(const event::HoldChanged& change);
  void handle(const event::Restart& at) { restart_at(at.next); }
  void handle(const event::RetryNow&);
  void handle(const event::CertificatesChanged&);
  void handle(const event::Retire&);
  void handle(const event::Stop&);
  void handle(const event::Finished&);

  // machine.cpp: sending, and what was sent
  void look();
  void end_turn(event::TurnEnded::Why why);
  void end_group(bool caught_up);
  void group_done(Sending& sending);
  void reports_end(std::uint64_t delivered);
  void advance();
  void hurry();
  bool in_groups() const { return mode_ == ClientMode::transactional || failure_policy_.in_groups(); }
  // machine_opening.cpp: what must be known before anything is sent
  void go();
  void ask_limits();
  void limits_unanswered();
  void open_schema();
  void open_transactions();
  void begin();
  // machine_failure.cpp
  void fail(const Outcome& outcome, log::Sequence sequence);
  void drain(Next next, Failures failures);
  void purge_again();
  void heard_of_all(Failures failures, Next next);
  void judge(Failures failures, Next next);
  void note(const Verdict& verdict, const Failures& failures);
  void new_client_for(const Verdict& verdict, const Failures& failures);
  void give_up_client();
  // machine_transaction.cpp
  void end_transaction();
  void committed();
  void not_committed(const event::Ended& end);
  void aborted(const event::Ended& end);
  // machine_control.cpp
  void replace_client();
  void retire();
  void broke();
  // machine_confirmation.cpp: whether what is sent arrives
  void confirmed();
  void look_at_topics();
  void look_at_topics_later();
  void topics_are_there();
  void stalled();
  bool is_stuck() const;
  bool is_forgotten() const;
  std::chrono::milliseconds stall_time() const;

  // Each way to change something the promises are about.
  void become(State next);
  void add(const Action& action) { actions_.add(action); }
  void add(Do what) { actions_.add({what}); }
  void arm(Timer timer, std::chrono::milliseconds time);
  void disarm(Timer timer);
  bool armed(Timer timer) const { return armed_.at(static_cast<std::size_t>(timer)) != 0; }
  void drop_client();
  void rewind();
  void restart_at(log::Sequence next);
  void wait(std::chrono::milliseconds time);
  void hold(Hold hold, std::chrono::milliseconds time);
  void wait_for_room(Hold whose);
  void block(std::string why, Cause cause = Cause::kafka);
  void unblock();
  void check();

  const MachineOptions options_;
  Moment moment_;
  State state_;
  Holds holds_;
  ClientMode mode_;
  Client client_ = Client::none;
  int fatal_code_ = 0;  // of Client::finished
  Epoch epoch_ = 1;
  std::optional<std::string> blocked_;
  Cause cause_ = Cause::kafka;  // of it
  Promises promises_;
  Actions actions_;

  Window window_;
  FailurePolicy failure_policy_;
  std::optional<FirstSendGate> first_send_gate_;  // of an idempotent client
  std::string key_in_topic_;                      // the record at hand
  std::map<log::Sequence, GivenUp> given_up_;
  log::Sequence ingest_time_ = 0;  // this one's time was refused though no setting says so
  std::size_t share_;
  Time group_ends_{};  // nothing more goes into the transaction
  Epoch hurried_ = 0;  // this client was asked not to linger, and is not done
  std::uint64_t given_ = 0, hurried_given_ = 0;
  Link::State link_ = Link::State::connecting;
  std::array<Epoch, timers> armed_{};  // 0: not
  Epoch last_armed_ = 0;

  Limits limits_ = Limits::unknown;
  int unanswered_ = 0;
  Schema schema_;
  Backoff schema_wait_{std::chrono::seconds(1), std::chrono::minutes(5)};
  Backoff held_{std::chrono::seconds(5), std::chrono::minutes(5)};
  int codecs_left_;
  std::uint64_t restarts_ = 0;

  // Whether the records given to this client are confirmed: a link alone delivers nothing.
  Confirmations confirmations_;
  Time progress_{};  // the last, or the first record in flight since
  // The watermark, last; in a transaction anything delivered; or the first record in flight since.
  Time moved_{};
  std::optional<Time> answering_since_;  // the brokers, each time they were asked
  std::string missing_topic_;            // as last looked at; empty: none is
  int looked_in_vain_ = 0;               // ... so many times in a row
  Epoch asked_ = 0;                      // this client is looking
};

}  // namespace weather::bridge::core
