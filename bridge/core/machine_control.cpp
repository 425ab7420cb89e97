// What a person asks of a route, renewed certificates, and its end.
#include <utility>

#include "bridge/core/machine.hpp"

namespace weather::bridge::core {
namespace {

// For what is in flight to be confirmed; with a link that is down it never is.
constexpr std::chrono::seconds renewal_flush{30}, retirement_flush{10};

}  // namespace

void Machine::handle(const event::HoldChanged& change) {
  holds_.set(change.hold, change.on);
  if (!change.on) look();
}

void Machine::handle(const event::RetryNow&) {
  failure_policy_.forget_waits();
  if (armed(Timer::retry)) {
    disarm(Timer::retry);
    for (const Hold hold : {Hold::log, Hold::dead_letters, Hold::queue}) holds_.set(hold, false);
    look();
  }
  if (!armed(Timer::wait)) return;
  disarm(Timer::wait);
  if (is<Waiting>()) return go();
  limits_unanswered();
}

// Nothing new is sent; once all is confirmed nothing can be sent twice.
void Machine::handle(const event::CertificatesChanged&) {
  if (is<Stopped>() || is<Stopping>() || is<Renewing>()) return;
  if (is<Waiting>() || is<Opening>() || link_ != Link::State::up) return replace_client();
  if (auto* draining = std::get_if<Draining>(&state_); draining && draining->next == Next::send)
    draining->next = Next::renew;
  if (auto* aborting = std::get_if<Aborting>(&state_); aborting && aborting->next == Next::send)
    aborting->next = Next::renew;
  if (auto* committing = std::get_if<Committing>(&state_)) committing->next = Next::renew;
  if (!is<Sending>()) return;
  become(Renewing{});
  Action action{Do::flush};
  action.flush = Flush::renewal;
  action.time = renewal_flush;
  action.epoch = epoch_;
  add(action);
  look();
}

// What is still in flight goes again under the same id.
void Machine::replace_client() {
  const auto* draining = std::get_if<Draining>(&state_);
  const auto* aborting = std::get_if<Aborting>(&state_);
  const bool retires = is<Retiring>() || (draining && draining->next == Next::retire) ||
                       (aborting && aborting->next == Next::retire);
  disarm(Timer::purge);
  rewind();
  drop_client();
  add(Do::drop_out_of_band_client);
  if (retires) return retire();
  wait(std::chrono::milliseconds(0));
}

void Machine::handle(const event::Flushed& flushed) {
  if (flushed.what == Flush::renewal && is<Renewing>()) return replace_client();
  if (flushed.what != Flush::hurry) return;
  hurried_ = 0;
  const bool waits = failure_policy_.in_groups() && window_.in_flight() > 0;
  if (waits && given_ != hurried_given_) hurry();
}

void Machine::handle(const event::Retire&) {
  if (is<Stopped>() || is<Stopping>() || is<Retiring>()) return;
  if (auto* draining = std::get_if<Draining>(&state_)) {
    draining->next = Next::retire;
    return;
  }
  if (auto* aborting = std::get_if<Aborting>(&state_)) {
    aborting->next = Next::retire;
    return;
  }
  if (window_.in_flight() == 0) return retire();
  become(Retiring{});
  Action action{Do::flush};
  action.flush = Flush::retirement;
  action.time = retirement_flush;
  action.epoch = epoch_;
  add(action);
}

void Machine::retire() {
  advance();
  drop_client();
  for (std::size_t timer = 0; timer < timers; ++timer) disarm(static_cast<Timer>(timer));
  become(Stopped{});
  add(Do::retired);
}

void Machine::handle(const event::Stop&) {
  if (is<Stopping>()) return;
  const bool failing = is<Draining>();
  for (std::size_t timer = 0; timer < timers; ++timer) disarm(static_cast<Timer>(timer));
  become(Stopping{});
  if (failing) purge_again();
  add(Do::finish);
}

void Machine::handle(const event::Finished&) {
  if (!is<Stopping>()) return;
  if (!has_open_transaction()) advance();
  drop_client();
  for (std::size_t timer = 0; timer < timers; ++timer) disarm(static_cast<Timer>(timer));
  become(Stopped{});
  add(Do::stopped);
}

// The route stands still rather than going on from what should not be. The cursor is where it was: after a
// restart everything without a fate comes again.
void Machine::broke() {
  const std::string state = describe();
  actions_.clear();
  for (std::size_t timer = 0; timer < timers; ++timer) disarm(static_cast<Timer>(timer));
  state_ = Stopped{};
  blocked_ = "a promise of the delivery core does not hold (" + std::string(promises_.broken()) + "; " +
             state + "): this route has stopped; restart the gateway, and report this line";
  add(Do::drop_batch);
  drop_client();
  add(Do::report_broken);
}

std::string Machine::describe() const {
  std::string text(name_of(state_));
  text += ", holds " + holds_.names() + ", client " + std::to_string(static_cast<int>(client_)) + " of " +
          std::to_string(epoch_) + ", window from " + std::to_string(window_.next()) + " with " +
          std::to_string(window_.size()) + " slots, " + std::to_string(window_.in_flight()) + " in flight, " +
          std::to_string(window_.failed()) + " failed, limit " + std::to_string(failure_policy_.limit());
  return text;
}

}  // namespace weather::bridge::core
