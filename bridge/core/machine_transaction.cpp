// Exactly-once: the records of a group and the cursor behind them are one Kafka transaction. What a crash
// leaves open is aborted by the next start, which reads the cursor of the last committed one.
#include <algorithm>
#include <utility>

#include "bridge/core/kafka_codes.hpp"
#include "bridge/core/machine.hpp"

namespace weather::bridge::core {
namespace {

// Readings that come more often than a confirmation takes would keep a transaction open for ever, and Kafka
// ends one after a minute (transaction.timeout.ms). What lingers last must be confirmed by then as well.
constexpr std::chrono::milliseconds shortest_group{1000};

}  // namespace

void Machine::handle(const event::Begun&) {
  if (client_ != Client::ready) return;
  client_ = Client::in_transaction;
  group_ends_ = moment_.now + std::max(shortest_group, options_.linger / 2);
}

void Machine::handle(const event::NotBegun& no) {
  fail(no.fatal ? Outcome{code::fatal, ErrorClass::fatal} : no.outcome, 0);
}

// All records of the group are at the broker: the cursor behind them goes into the same transaction.
void Machine::end_transaction() {
  client_ = Client::committing;
  promises_.asked_to_end();
  if (!is<Stopping>()) become(Committing{is<Renewing>() ? Next::renew : Next::send});
  Action action{Do::commit_transaction};
  action.epoch = epoch_;
  add(action);
}

void Machine::handle(const event::Ended& end) {
  promises_.ended();
  if (is<Committing>() || (is<Stopping>() && client_ == Client::committing))
    return end.well ? committed() : not_committed(end);
  if (is<Aborting>()) aborted(end);
}

void Machine::committed() {
  if (client_ == Client::committing) client_ = Client::ready;
  (void)window_.advance();
  add(Do::keep_cursor);
  confirmed();
  failure_policy_.delivered();
  unblock();
  if (is<Stopping>()) return;
  const Next next = std::get<Committing>(state_).next;
  become(Sending{});
  if (client_ == Client::finished) return drain(next, Failures::of_client(fatal_code_));
  if (next == Next::renew) return replace_client();
  look();
}

// Of a refused record its own report tells.
void Machine::handle(const event::TransactionFailed& failed) {
  if (client_ != Client::in_transaction || !(is<Sending>() || is<Renewing>() || is<Draining>())) return;
  const ErrorClass error_class = failed.outcome.error_class;
  const bool reported = error_class == ErrorClass::record || error_class == ErrorClass::fatal;
  fail(reported ? Outcome{code::purge_queue, ErrorClass::local} : failed.outcome, 0);
}

// Nothing of the group counts; it comes again as a whole.
void Machine::not_committed(const event::Ended& end) {
  if (is<Stopping>()) return;
  Failures failures;
  failures.add(end.fatal ? Outcome{code::fatal, ErrorClass::fatal} : end.outcome, 0);
  failures.fatal |= end.fatal;
  if (end.fatal) failures.fatal_code = end.outcome.code;  // says whether another instance took over
  if (end.outcome.error_class == ErrorClass::local) failures.other_code = end.outcome.code;
  const Next next = std::get<Committing>(state_).next;
  heard_of_all(std::move(failures), next);
}

void Machine::aborted(const event::Ended& end) {
  auto& aborting = std::get<Aborting>(state_);
  Failures failures = std::move(aborting.failures);
  if (client_ == Client::aborting) client_ = Client::ready;
  if (!end.well) {
    failures.fatal = true;
    if (failures.fatal_code == 0) failures.fatal_code = end.outcome.code;
  }
  judge(std::move(failures), aborting.next);
}

}  // namespace weather::bridge::core
