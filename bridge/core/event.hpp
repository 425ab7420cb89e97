// What happens to a machine, and what it wants done. Plain.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <span>
#include <string>
#include <variant>

#include "bridge/core/link.hpp"
#include "bridge/core/state.hpp"
#include "bridge/core/window.hpp"

namespace weather::bridge::core {

// The generation of a client, or of an alarm. An answer with another one is stale and dropped.
using Epoch = std::uint64_t;

enum class Timer : std::uint8_t {
  wait,     // Waiting, or the answer to a question before anything is sent
  purge,    // Draining: what came back into the client's queue since
  retry,    // Hold::log, dead_letters, queue
  stall,    // whether what is sent arrives
  turn,     // at once, after others had their turn
  reports,  // at once: as if reports had come
};
inline constexpr std::size_t timers = 6;

enum class Flush : std::uint8_t {
  hurry,  // what is waited for need not linger for more
  renewal,
  retirement,
};

namespace event {

struct Start {};
struct Look {};  // there may be more to send
struct TurnEnded {
  enum class Why : std::uint8_t {
    caught_up,    // nothing more is in the log
    first_send,   // the first record of a key is under way, and the next has to wait for its report
    long_enough,  // others are to have their turn
    held,         // not now
  } why;
};
struct Failed {  // a report that settle() has taken
  Outcome outcome;
  log::Sequence sequence;
};
struct NotTaken {  // by the client, of the record that take() gave the last number
  Window::Id id;
  Outcome outcome;
  log::Sequence sequence;
};
struct DeadLetterStored {  // it is on the card
  Window::Id id;
};
struct ReportsEnd {
  std::uint64_t delivered;
};
struct ClientMade {
  bool idempotent;
};
struct ClientImpossible {
  std::string why;
};
struct ClientFatal {
  int code;
};
struct LinkChanged {
  Link::State state;
};
struct NoTopics {};  // whose limits could be asked for
struct LimitsReported {};
struct SchemaKnown {
  Epoch epoch;
};
struct SchemaMissing {
  Epoch epoch;
  std::string why;
  bool for_good;  // there is no broker to ask
};
struct Opened {
  Epoch epoch;
  log::Sequence next;  // where to go on
};
struct NotOpened {
  Epoch epoch;
  Outcome outcome;
  bool fatal;
  std::string blocked;  // in words, if a person must act
};
struct OlderCopy {
  Epoch epoch;
  std::string why;
};
struct Begun {};
struct NotBegun {
  Outcome outcome;
  bool fatal;
};
struct Ended {  // the answer to a commit or an abort
  Epoch epoch;
  bool well;
  Outcome outcome;
  bool fatal;
};
struct TransactionFailed {
  Outcome outcome;
};
struct Flushed {
  Epoch epoch;
  Flush what;
};
struct Alarm {
  Timer timer;
  Epoch armed;
};
struct TopicsLookedAt {
  bool answered;
  std::string missing;  // empty: all are there
  int code;
};
struct LogUnreadable {
  std::string why;
};
struct LogReadable {};
struct DeadLettersBusy {};  // their store writes what it has taken, and takes more after that
struct DeadLettersFull {
  std::string why;
};
struct HeldBack {  // the topic would refuse the record's time
  std::string why;
};
struct HoldChanged {
  Hold hold;
  bool on;
};
struct Restart {  // from another record on: nothing is in flight
  log::Sequence next;
};
struct RetryNow {};
struct CertificatesChanged {};
struct Retire {};
struct Stop {};
struct Finished {};  // the answer to Do::finish

}  // namespace event

using Event = std::variant<
    event::Start, event::Look, event::TurnEnded, event::Failed, event::NotTaken, event::DeadLetterStored,
    event::ReportsEnd, event::ClientMade, event::ClientImpossible, event::ClientFatal, event::LinkChanged,
    event::NoTopics, event::LimitsReported, event::SchemaKnown, event::SchemaMissing, event::Opened,
    event::NotOpened, event::OlderCopy, event::Begun, event::NotBegun, event::Ended, event::TransactionFailed,
    event::Flushed, event::Alarm, event::TopicsLookedAt, event::LogUnreadable, event::LogReadable,
    event::DeadLettersBusy, event::DeadLettersFull, event::HeldBack, event::HoldChanged, event::Restart,
    event::RetryNow, event::CertificatesChanged, event::Retire, event::Stop, event::Finished>;

// What the world is like when an event comes.
struct Moment {
  Time now;
  double random = 0.5;  // [0, 1)
  bool cut = false;     // the client holds everything back because of a refusal (KafkaClient::cut_by_us)
};

// Done in order. What answers at once with an event of its own is the last of its list.
enum class Do : std::uint8_t {
  make_client,  // -> ClientMade, ClientImpossible
  drop_client,
  drop_out_of_band_client,
  ask_limits,          // of the topics -> LimitsReported, NoTopics
  ask_schema,          // its number -> SchemaKnown, SchemaMissing
  open_transactions,   // -> Opened, NotOpened, OlderCopy
  commit_transaction,  // with the cursor of window().ahead() -> Ended
  abort_transaction,   // -> Ended
  keep_cursor,         // that of the transaction is committed
  purge,
  purge_all,   // also what no answer came for
  flush,       // -> Flushed
  send,        // records, while may_send() -> TurnEnded
  drop_batch,  // what was read and not sent
  reread,      // from window().next()
  advance,     // the cursor, by Actions::advance
  arm,         // -> Alarm
  disarm,
  look_at_topics,  // -> TopicsLookedAt
  simpler_codec,
  report_blocked,
  report_unblocked,
  report_restart,  // code
  report_plain,
  report_broken,
  finish,   // what is in flight is waited for -> Finished
  stopped,  // the end, after Finished
  retired,  // the end, after Retire
};

struct Action {
  Do what;
  Timer timer{};
  Flush flush{};
  int code = 0;
  std::chrono::milliseconds time{0};
  Epoch epoch = 0;
};

class Actions {
 public:
  void add(const Action& action) { list_.at(size_++) = action; }
  std::span<const Action> list() const { return {list_.data(), size_}; }
  void clear() { size_ = 0; }
  Window::Advance advance;  // of Do::advance

 private:
  std::array<Action, 24> list_;
  std::size_t size_ = 0;
};

}  // namespace weather::bridge::core
