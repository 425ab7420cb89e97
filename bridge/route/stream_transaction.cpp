// Exactly-once: what the machine asks of a transactional client, and where the cursor comes from.
#include <utility>

#include "bridge/kafka/error_table.hpp"
#include "bridge/log/nanoseconds.hpp"
#include "bridge/route/stream.hpp"

namespace weather::bridge {
namespace {

// Records of the stream's producer that are none of the log's: the top bit of their id tells them apart.
constexpr Window::Id out_of_band_bit = ~Window::id_mask;

// Of a log that was copied or restored, while another copy went on.
bool is_older_copy(const StoredCursor& stored, log::Sequence durable) {
  return stored.cursor.next > durable + 1;
}

}  // namespace

void Stream::at_place(std::string_view place) {
  if (context_.options.at_place) context_.options.at_place(place, context_.log);
}

void Stream::open_transactions(core::Epoch epoch) {
  producer_->open_transactions(options_.cursor_topic, cursor_key(),
                               [this, alive = alive_, epoch](const Opened& result) {
                                 if (*alive) opened(epoch, result);
                               });
}

void Stream::opened(core::Epoch epoch, const Opened& opened) {
  const TransactionResult& result = opened.result;
  if (!result.text.empty()) {
    note_error_text(result.text);
    const bool blocked = classify(result.code) == ErrorClass::blocked;
    return on(core::event::NotOpened{
        epoch, outcome_of(result.code), result.fatal,
        blocked ? "exactly-once is not possible: " + result.text + " (" + explain(result.code) + ")" : ""});
  }
  link_changed(link_.delivered(context_.clock.steady()));
  const bool ours = opened.stored && opened.stored->log_id == context_.log.id();
  if (ours && is_older_copy(*opened.stored, context_.log.durable()))
    return on(core::event::OlderCopy{
        epoch, "the log in data_dir is an older copy: Kafka has its records up to " +
                   std::to_string(opened.stored->cursor.next - 1) + ", here they end at " +
                   std::to_string(context_.log.durable()) +
                   ", so that new ones would get ids that are taken; put the newer copy back, or export what "
                   "is unsent and import it into an empty data_dir"});
  // The log's own cursor may be older: it reaches the card later than the transaction reaches Kafka.
  if (ours && opened.stored->cursor.next > owner_.position().next()) {
    owner_.position() = Position(opened.stored->cursor);
    keep_position();
  }
  on(core::event::Opened{epoch, owner_.position().next()});
}

bool Stream::begin_transaction() {
  const TransactionResult result = producer_->begin_transaction();
  if (!result.text.empty()) {
    on(core::event::NotBegun{outcome_of(result.code), result.fatal});
    return false;
  }
  on(core::event::Begun{});
  at_place("transaction_begun");
  return true;
}

void Stream::commit_transaction(core::Epoch epoch) {
  at_place("records_acknowledged");
  const auto ahead = machine_.window().ahead();
  next_cursor_ = owner_.position().cursor();
  next_cursor_.next = ahead.next;
  next_cursor_.delivered += ahead.delivered;
  next_cursor_.dead_lettered += ahead.dead_lettered;
  next_cursor_.dropped += ahead.dropped;
  next_cursor_.passed += ahead.passed;
  const std::string key = cursor_key();
  const std::string value = write_cursor({context_.log.id(), next_cursor_});
  KafkaRecord record;
  record.topic = options_.cursor_topic;
  record.key = key;
  record.value = value;
  record.timestamp_ms = context_.clock.wall_ns() / log::ns_per_ms;
  if (const int code = producer_->produce(record, out_of_band_bit))
    return ended(epoch, {code, explain(code), true, false, false});
  at_place("cursor_produced");
  // Waits for the cursor record too; an error of it comes back from here.
  producer_->commit_transaction([this, alive = alive_, epoch](const TransactionResult& result) {
    if (*alive) ended(epoch, result);
  });
  at_place("committing");
}

void Stream::ended(core::Epoch epoch, const TransactionResult& result) {
  if (!result.text.empty()) note_error_text(result.text);
  on(core::event::Ended{epoch, result.text.empty(), outcome_of(result.code), result.fatal});
}

void Stream::keep_cursor() {
  at_place("committed");
  owner_.position() = Position(next_cursor_);
  keep_position();
  at_place("cursor_moved");
}

// All of its records are given back, and the answer to the abort goes on.
void Stream::on_transaction_failed(int code, const std::string& text) {
  if (machine_.has_open_transaction()) note_error_text(text);
  on(core::event::TransactionFailed{outcome_of(code)});
}

}  // namespace weather::bridge
