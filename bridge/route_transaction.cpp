// Exactly-once: the records of a group and the cursor behind them are one Kafka transaction. What a crash
// leaves open is aborted by the next start, which reads the cursor of the last committed one.
#include <algorithm>
#include <utility>

#include "bridge/core/kafka_codes.hpp"
#include "bridge/error_class.hpp"
#include "bridge/route.hpp"

namespace weather::bridge {
namespace {

// Readings that come more often than a confirmation takes would keep a transaction open for ever, and Kafka
// ends one after a minute (transaction.timeout.ms). What lingers last must be confirmed by then as well.
constexpr std::chrono::milliseconds shortest_group{1000};

}  // namespace

void Route::at_place(std::string_view place) {
  if (context_.options.at_place) context_.options.at_place(place, context_.log);
}

void Route::open() {
  phase_ = Phase::opening;
  producer_->open_transactions(options_.cursor_topic, cursor_key(),
                               [this, alive = alive_](const Opened& result) {
                                 if (*alive) opened(result);
                               });
}

void Route::opened(const Opened& opened) {
  if (!opened.result.text.empty()) {
    last_error_ = opened.result.text;
    last_error_ns_ = context_.clock.wall_ns();
    if (classify(opened.result.code) == ErrorClass::blocked)
      tell_blocked("exactly-once is not possible: " + opened.result.text + " (" +
                   explain(opened.result.code) + ")");
    Failures failures;
    failures.add(outcome_of(opened.result.code), 0);
    if (!failures.any || classify(opened.result.code) == ErrorClass::local)
      failures.other_code = opened.result.code;
    const Verdict verdict = flow_.failed(failures, context_.clock.steady(), 0.5);
    if (opened.result.fatal) drop_producer();
    return wait(verdict.wait);
  }
  if (const auto change = link_.delivered(context_.clock.steady())) tell_link(*change);
  if (opened.stored && opened.stored->log_id == context_.log.id() && is_older_copy(*opened.stored)) {
    tell_blocked(
        "the log in data_dir is an older copy: Kafka has its records up to " +
        std::to_string(opened.stored->cursor.next - 1) + ", here they end at " +
        std::to_string(context_.log.durable()) +
        ", so that new ones would get ids that are taken; put the newer copy back, or export what is "
        "unsent and import it into an empty data_dir");
    return wait(std::chrono::minutes(5));
  }
  // The log's own cursor may be older: it reaches the card later than the transaction reaches Kafka.
  if (opened.stored && opened.stored->log_id == context_.log.id() &&
      opened.stored->cursor.next > position_->next()) {
    *position_ = Position(opened.stored->cursor);
    context_.log.advance(options_.name, position_->cursor());
  }
  restart_at(position_->next());
  transactions_ready_ = true;
  phase_ = Phase::running;
  pump();
}

// Of a log that was copied or restored, while another copy went on.
bool Route::is_older_copy(const StoredCursor& stored) const {
  return stored.cursor.next > context_.log.durable() + 1;
}

bool Route::opens_transaction() {
  if (transaction_open_) return true;
  const TransactionResult result = producer_->begin_transaction();
  if (result.text.empty()) {
    transaction_open_ = true;
    group_ends_ = context_.clock.steady() + std::max(shortest_group, linger() / 2);
    at_place("transaction_begun");
    return true;
  }
  fail(result.fatal ? code::fatal : result.code, 0);
  return false;
}

// All records of the group are at the broker: the cursor behind them goes into the same transaction.
void Route::end_transaction() {
  phase_ = Phase::committing;
  at_place("records_acknowledged");
  const auto advance = window_.ahead();
  next_cursor_ = position_->cursor();
  next_cursor_.next = advance.next;
  next_cursor_.delivered += advance.delivered;
  next_cursor_.dead_lettered += advance.dead_lettered;
  next_cursor_.dropped += advance.dropped;
  next_cursor_.passed += advance.passed;
  const std::string key = cursor_key();
  const std::string value = write_cursor({context_.log.id(), next_cursor_});
  KafkaRecord record;
  record.topic = options_.cursor_topic;
  record.key = key;
  record.value = value;
  record.timestamp_ms = context_.clock.wall_ns() / 1'000'000;
  if (const int code = produce_aside(record, [](int) {}))
    return transaction_failed({code, explain(code), true, false, false});
  at_place("cursor_produced");
  // Waits for the cursor record too; an error of it comes back from here.
  producer_->commit_transaction([this, alive = alive_](const TransactionResult& result) {
    if (!*alive) return;
    if (result.text.empty()) {
      committed();
    } else {
      transaction_failed(result);
    }
  });
  at_place("committing");
}

void Route::committed() {
  at_place("committed");
  transaction_open_ = false;
  phase_ = Phase::running;
  (void)window_.advance();
  *position_ = Position(next_cursor_);
  context_.log.advance(options_.name, next_cursor_);
  at_place("cursor_moved");
  note_confirmed();
  flow_.delivered();
  tell_unblocked();
  group_left_ = 0;
  group_delivered_ = false;
  if (failures_.any) return drain();
  if (!stopping_) pump();
}

// All of its records are given back, and the answer to the abort goes on.
void Route::on_transaction_failed(int code, const std::string& text) {
  if (!transaction_open_ || (phase_ != Phase::running && phase_ != Phase::draining)) return;
  last_error_ = text;
  last_error_ns_ = context_.clock.wall_ns();
  // Of a refused record its own report tells.
  const bool told = classify(code) == ErrorClass::record || classify(code) == ErrorClass::fatal;
  failures_.add(outcome_of(told ? code::purge_queue : code), 0);
  if (phase_ == Phase::running) drain();
}

// Nothing of the group counts; it comes again as a whole.
void Route::transaction_failed(const TransactionResult& result) {
  last_error_ = result.text;
  last_error_ns_ = context_.clock.wall_ns();
  failures_.add(outcome_of(result.fatal ? code::fatal : result.code), 0);
  failures_.fatal |= result.fatal;
  if (result.fatal) failures_.fatal_code = result.code;  // says whether another instance took over
  if (classify(result.code) == ErrorClass::local) failures_.other_code = result.code;
  drained();
}

void Route::abort() {
  phase_ = Phase::aborting;
  producer_->abort_transaction([this, alive = alive_](const TransactionResult& result) {
    if (!*alive) return;
    transaction_open_ = false;
    if (!result.text.empty()) {
      failures_.fatal = true;
      if (failures_.fatal_code == 0) failures_.fatal_code = result.code;
    }
    drained();
  });
}

}  // namespace weather::bridge
