// Sending, and what becomes of what was sent.
#include "bridge/core/machine.hpp"

#include <algorithm>
#include <utility>

#include "bridge/core/kafka_codes.hpp"

namespace weather::bridge::core {
namespace {

// What is delivered beyond a record without a fate is remembered until that one has its own: up to so many
// times the window.
constexpr std::size_t slots_per_record = 4;

}  // namespace

Machine::Machine(const MachineOptions& options, log::Sequence from, Time now)
    : options_(options),
      moment_{now},
      mode_(options.mode),
      window_(from),
      failure_policy_(options.window_records, options.refused_time),
      share_(options.window_records),
      limits_(options.must_know_limits ? Limits::wanted : Limits::unknown),
      schema_(options.asks_schema ? Schema::unknown : Schema::known),
      codecs_left_(options.simpler_codecs) {}

Actions Machine::on(const Event& event, const Moment& moment) {
  moment_ = moment;
  std::visit(
      [this](const auto& what) {
        if constexpr (requires { what.epoch; })
          if (what.epoch != epoch_) return;  // the answer of an earlier client
        if constexpr (requires { what.armed; })
          if (what.armed == 0 || what.armed != armed_.at(static_cast<std::size_t>(what.timer))) return;
        handle(what);
      },
      event);
  check();
  return std::exchange(actions_, {});
}

bool Machine::may_send() const {
  const auto* sending = std::get_if<Sending>(&state_);
  if (!sending || !holds_.none()) return false;
  if (window_.bytes() >= options_.window_bytes ||
      window_.size() >= slots_per_record * options_.window_records)
    return false;
  if (client_ == Client::in_transaction && moment_.now >= group_ends_) return false;
  return in_groups() ? sending->group.left > 0
                     : window_.in_flight() < std::min(failure_policy_.limit(), share_);
}

bool Machine::skip(const Window::Slot& slot) {
  const auto fate = window_.known_fate(slot.sequence);
  if (!fate) return false;
  Window::Slot known = slot;
  known.fate = *fate;
  window_.push(known);
  return true;
}

void Machine::pass(const Window::Slot& slot) {
  window_.push(slot);
}

bool Machine::may_go(std::string_view topic, std::string_view key) {
  key_in_topic_.clear();
  if (!first_send_gate_ || key.empty()) return true;
  key_in_topic_.assign(topic).append(1, '\0').append(key);
  return first_send_gate_->may_send(key_in_topic_);
}

std::optional<Window::Id> Machine::take(const Window::Slot& slot) {
  promises_.gives(is<Sending>(), !holds_.none());
  if (promises_.broken()) return std::nullopt;
  return window_.push(slot);
}

void Machine::given(Window::Id id) {
  ++given_;
  confirmations_.given(moment_.now);
  // A dead letter on its way to the card is in flight as well, and causes no look at the cluster.
  if (window_.in_flight() == 1) moved_ = moment_.now;
  if (window_.in_flight() == 1 || !armed(Timer::stall)) {
    progress_ = moment_.now;
    look_at_topics_later();
  }
  if (!key_in_topic_.empty()) first_send_gate_->sent(key_in_topic_, id, moment_.now);
  if (auto* sending = std::get_if<Sending>(&state_); sending && sending->group.left > 0)
    --sending->group.left;  // what is not sent has no report, and a group of it would have no end
}

void Machine::dead_lettered(log::Sequence sequence) {
  given_up_.erase(sequence);
  if (auto* sending = std::get_if<Sending>(&state_); sending && sending->group.left > 0)
    --sending->group.left;
}

std::optional<Window::Slot> Machine::settle(Window::Id id, bool delivered) {
  if (first_send_gate_) first_send_gate_->settled(id, delivered);
  const auto slot = window_.settle(id, delivered ? Fate::delivered : Fate::failed);
  if (slot && !delivered) promises_.failed();
  return slot;
}

const GivenUp* Machine::given_up(log::Sequence sequence) const {
  const auto it = given_up_.find(sequence);
  return it == given_up_.end() ? nullptr : &it->second;
}

void Machine::handle(const event::NotTaken& record) {
  if (record.outcome.code == code::queue_full) {
    window_.drop_last();
    return wait_for_room(Hold::queue);
  }
  window_.settle(record.id, Fate::failed);
  promises_.failed();
  // The transaction has failed and can only be aborted: what it failed of is reported by itself.
  const bool reported = record.outcome.code == code::state && has_open_transaction();
  fail(reported ? Outcome{code::purge_queue, ErrorClass::local} : record.outcome, record.sequence);
}

// Dead letters stored before are reported while the next one is handed in, in the middle of a turn.
void Machine::handle(const event::DeadLetterStored& letter) {
  window_.settle(letter.id, Fate::dead_lettered);
  if (!armed(Timer::reports)) arm(Timer::reports, {});
}

void Machine::look() {
  const bool quiet = window_.in_flight() == 0;
  if (is<Renewing>() && quiet && !has_open_transaction()) return replace_client();
  if (is<Retiring>() && quiet) return retire();
  if (auto* sending = std::get_if<Sending>(&state_)) {
    if (in_groups() && quiet && sending->group.left == 0) {
      if (sending->group.delivered > 0 && !has_open_transaction()) group_done(*sending);
      sending->group.left = failure_policy_.limit();
    }
    if (may_send()) return add(Do::send);
  }
  end_turn(event::TurnEnded::Why::held);
}

void Machine::end_turn(event::TurnEnded::Why why) {
  using Why = event::TurnEnded::Why;
  if (why == Why::long_enough && !armed(Timer::turn)) arm(Timer::turn, {});
  if (why == Why::first_send || (failure_policy_.in_groups() && window_.in_flight() > 0)) hurry();
  // Records that need no report (anchors) may have opened the way.
  if (window_.in_flight() == 0 && !has_open_transaction()) advance();
  end_group(why == Why::caught_up && is<Sending>());
}

// A transaction ends when all that was sent is confirmed; a group when it is whole, or nothing is left for
// it.
void Machine::end_group(bool caught_up) {
  if (window_.in_flight() > 0) return;
  if (client_ == Client::in_transaction && (is<Sending>() || is<Renewing>())) return end_transaction();
  auto* sending = std::get_if<Sending>(&state_);
  if (!sending) return;
  if (caught_up && window_.size() == 0) {  // nothing is to be sent
    confirmations_.owes_nothing();
    if (missing_topic_.empty()) unblock();
  }
  if (sending->group.delivered == 0 || (in_groups() && sending->group.left > 0 && !caught_up)) return;
  const bool grouped = in_groups();
  group_done(*sending);
  if (!caught_up && grouped && !armed(Timer::turn)) arm(Timer::turn, {});
}

// All of it is confirmed: the next may be larger.
void Machine::group_done(Sending& sending) {
  sending.group = {};
  failure_policy_.delivered();
  unblock();
}

void Machine::reports_end(std::uint64_t delivered) {
  holds_.set(Hold::queue, false);
  auto* sending = std::get_if<Sending>(&state_);
  if (delivered > 0) {
    if (sending) sending->group.delivered += delivered;
    if (has_open_transaction()) {
      moved_ = moment_.now;
    } else {
      confirmed();
    }
  }
  if (!has_open_transaction()) advance();
  if (auto* draining = std::get_if<Draining>(&state_)) {
    if (window_.in_flight() == 0) heard_of_all(std::move(draining->failures), draining->next);
    return;
  }
  if (sending && delivered > 0 && !in_groups()) {
    failure_policy_.delivered();
    unblock();
  }
  if (is<Stopping>()) {
    if (window_.in_flight() == 0 && client_ == Client::in_transaction && window_.failed() == 0)
      end_transaction();
    return;
  }
  look();
}

void Machine::advance() {
  if (is<Stopped>() || promises_.broken()) return;
  const log::Sequence before = window_.next();
  const auto by = window_.advance();
  if (by.next == before) return;
  moved_ = moment_.now;
  confirmations_.moved(moment_.now, window_.in_flight() > 0);
  actions_.advance = by;
  add(Do::advance);
}

void Machine::hurry() {
  if (client_ == Client::none || hurried_ == epoch_) return;
  hurried_ = epoch_;
  hurried_given_ = given_;
  Action action{Do::flush};
  action.flush = Flush::hurry;
  action.time = std::chrono::seconds(10);
  action.epoch = epoch_;
  add(action);
}

// Of a transaction that is not committed nothing counts, and of one that a client ended with neither.
bool Machine::has_open_transaction() const {
  switch (client_) {
    case Client::in_transaction:
    case Client::committing:
    case Client::aborting:
      return true;
    case Client::finished:
      return mode_ == ClientMode::transactional;
    case Client::none:
    case Client::made:
    case Client::ready:
      return false;
  }
  return false;
}

void Machine::arm(Timer timer, std::chrono::milliseconds time) {
  Action action{Do::arm, timer};
  action.time = time;
  action.epoch = armed_.at(static_cast<std::size_t>(timer)) = ++last_armed_;
  add(action);
}

void Machine::disarm(Timer timer) {
  if (!armed(timer)) return;
  armed_.at(static_cast<std::size_t>(timer)) = 0;
  add({Do::disarm, timer});
}

void Machine::handle(const event::Alarm& alarm) {
  armed_.at(static_cast<std::size_t>(alarm.timer)) = 0;
  switch (alarm.timer) {
    case Timer::wait:
      if (is<Waiting>()) return go();
      return limits_unanswered();
    case Timer::purge:
      return purge_again();
    case Timer::retry:
      for (const Hold hold : {Hold::log, Hold::dead_letters, Hold::queue}) holds_.set(hold, false);
      return look();
    case Timer::stall:
      return stalled();
    case Timer::turn:
      return look();
    case Timer::reports:
      return reports_end(0);
  }
}

void Machine::become(State next) {
  const bool drains = is<Draining>() || is<Aborting>();
  const bool goes_on = std::holds_alternative<Aborting>(next) || std::holds_alternative<Stopping>(next) ||
                       std::holds_alternative<Stopped>(next);
  if (drains && !goes_on) promises_.left_draining(window_.in_flight(), window_.size());
  state_ = std::move(next);
}

void Machine::check() {
  promises_.after_event(is<Sending>(), window_.size(), slots_per_record * options_.window_records);
  if (promises_.broken() && !is<Stopped>() && !is<Stopping>()) broke();
}

}  // namespace weather::bridge::core
