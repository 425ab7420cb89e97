// The way of a record: read, encoded, given to the client, and reported.
#include <algorithm>
#include <utility>

#include "bridge/core/kafka_codes.hpp"
#include "bridge/kafka/error_table.hpp"
#include "bridge/log/loss.hpp"
#include "bridge/log/nanoseconds.hpp"
#include "bridge/route/stream.hpp"

namespace weather::bridge {
namespace {

// Read at once, and sent before others on the io thread get their turn.
constexpr std::size_t records_per_read = 256;
constexpr std::size_t bytes_per_read = 256U << 10;
constexpr std::size_t records_per_turn = 64;
// For a summary: the wall clock may be set meanwhile.
constexpr std::chrono::milliseconds shortest_wait{100}, longest_wait{10'000};

}  // namespace

void Stream::send_records() {
  using Why = core::event::TurnEnded::Why;
  producer_->send_together(machine_.sends_together());
  now_ns_ = context_.clock.wall_ns();
  Why why = Why::held;
  for (std::size_t sent = 0; machine_.may_send();) {
    const Read read = refill();
    if (read == Read::none) why = Why::caught_up;
    if (read == Read::not_yet) why = Why::long_enough;
    if (read != Read::some || !rate_allows()) break;
    if (++sent > records_per_turn) {
      why = Why::long_enough;
      break;
    }
    const Sent done = send(batch_.front());
    if (done == Sent::first_send) why = Why::first_send;
    if (done != Sent::yes) break;
  }
  caught_up_ = why == Why::caught_up;
  on(core::event::TurnEnded{why});
}

// Something to send in batch_.
Stream::Read Stream::refill() {
  if (!batch_.empty()) return Read::some;
  const auto read = reader_->read(records_per_read, bytes_per_read);
  if (!read) {
    on(core::event::LogUnreadable{read.error().message()});
    return Read::impossible;
  }
  if (machine_.log_was_unreadable()) on(core::event::LogReadable{});
  batch_ = *read;
  return batch_.empty() ? nothing_read() : Read::some;
}

// A summary may be due though nothing more comes in.
Stream::Read Stream::nothing_read() {
  if (!thinned_) return Read::none;
  if (thinned_->more()) return Read::not_yet;
  // What was read may show only now that a cursor can be kept here: after a start it is another
  // transaction's.
  if (kept_ != owner_.position().next()) keep_position();
  if (const auto due = thinned_->due_ns()) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
        std::chrono::nanoseconds(*due - context_.clock.wall_ns()));
    summary_timer_.set(std::clamp(left + std::chrono::milliseconds(1), shortest_wait, longest_wait),
                       [this, alive = alive_] {
                         if (*alive) on(core::event::Look{});
                       });
  }
  return Read::none;
}

// The record is a loss that begins before the range: it is sent first.
bool Stream::crosses_delivered_range(const log::Entry& entry) const {
  const Position& position = owner_.position();
  if (entry.type != log::Type::loss || position.stops_at_live()) return false;
  const auto loss = log::decode_loss(entry.payload);
  return loss && loss->first != 0 && loss->first < position.stop();
}

// A loss may reach over one that was sent before a rewind, when less was gone: what is before that and what
// is behind it is sent by itself.
bool Stream::split_at_known_loss(const log::Entry& entry) {
  const auto loss = log::decode_loss(entry.payload);
  if (!loss || loss->first == 0) return false;
  const auto known = machine_.window().known_loss(loss->first, loss->last);
  if (!known) return false;
  if (loss->first < known->first) {
    log::encode_loss(log::clip(*loss, loss->first, known->first - 1), loss_part_);
    loss_in_front_ = entry;
    loss_in_front_.sequence = known->first - 1;
    loss_in_front_.payload = loss_part_;
    batch_ = std::span(&loss_in_front_, 1);
    reader_->seek(known->first);
  } else {
    machine_.pass(known->slot);
    batch_ = {};
    reader_->seek(known->slot.next);
  }
  return true;
}

// A loss has lost the records that it reaches over, without those that were delivered, here or by the live
// part, before they were dropped.
Window::Slot Stream::slot_of(const log::Entry& entry, const Encoded& encoded) const {
  Window::Slot slot{entry.sequence, entry.sequence + 1, entry.time_ns};
  slot.lost_span = encoded.lost_records;
  if (slot.lost_span == 0) return slot;
  const log::Sequence first = entry.sequence + 1 - slot.lost_span;
  const auto ahead = part_ == Part::backlog ? owner_.position().overlap(first, entry.sequence) : 0;
  slot.lost_records = slot.lost_span - std::min(slot.lost_span, ahead + machine_.window().known_records(
                                                                            first, entry.sequence));
  return slot;
}

// not_now, first_send: the entry stays first in batch_.
Stream::Sent Stream::send(const log::Entry& entry) {
  if (part_ == Part::backlog && entry.sequence >= owner_.position().stop() &&
      !crosses_delivered_range(entry)) {
    owner_.at_delivered_range();
    return Sent::not_now;
  }
  const Window::Slot slot{entry.sequence, entry.sequence + 1, entry.time_ns, 0, 0, Fate::passed};
  const bool is_loss = entry.type == log::Type::loss;
  if (!is_loss && machine_.skip(slot)) return consumed();
  if (is_loss && split_at_known_loss(entry)) return Sent::yes;
  Encoded encoded = encoder_.encode(entry, Sending{now_ns_});
  // The sequence of one over records is that of the last of them, which may have been delivered before.
  if (is_loss && encoded.lost_records == 0 && machine_.skip(slot)) return consumed();
  if (encoded.kind == Encoded::Kind::pass) {
    machine_.pass(slot);
    return consumed();
  }
  if (encoded.kind == Encoded::Kind::refuse || machine_.given_up(entry.sequence))
    return send_dead(entry, encoded);
  if (!may_send_time(entry, encoded))
    return machine_.given_up(entry.sequence) ? send_dead(entry, encoded) : Sent::not_now;
  return produce(entry, encoded);
}

Stream::Sent Stream::consumed() {
  batch_ = batch_.subspan(1);
  return Sent::yes;
}

Stream::Sent Stream::produce(const log::Entry& entry, const Encoded& encoded) {
  if (!machine_.may_go(encoded.record.topic, encoded.record.key)) return Sent::first_send;
  if (machine_.needs_transaction() && !begin_transaction()) return Sent::not_now;
  largest_record_bytes_ = std::max(largest_record_bytes_, encoded.record.bytes);
  if (topic_varies_ && topics_.count(encoded.record.topic) == 0)
    ask_topic(topics_.try_emplace(std::string(encoded.record.topic)).first->first);
  Window::Slot slot = slot_of(entry, encoded);
  slot.bytes = static_cast<std::uint32_t>(encoded.record.bytes);
  slot.sent_ns = now_ns_;
  const auto id = machine_.take(slot);
  if (!id) return Sent::not_now;
  if (const int code = producer_->produce(encoded.record, *id)) return not_taken(entry, encoded, *id, code);
  machine_.given(*id);
  if (entry.sequence <= sent_until_) ++resent_;
  sent_until_ = std::max(sent_until_, entry.sequence);
  return consumed();
}

Stream::Sent Stream::not_taken(const log::Entry& entry, const Encoded& encoded, Window::Id id, int code) {
  if (code != code::queue_full && classify(code) == ErrorClass::record) {
    // Seen by the library itself: surely this record's fault.
    machine_.untake();
    return give_up(entry, encoded, record_reason(code), explain(code));
  }
  if (code != code::queue_full && code != code::state) note_error(code);
  on(core::event::NotTaken{id, outcome_of(code), entry.sequence});
  return Sent::not_now;
}

// What the topic would refuse, or delete at once, because of its time goes the way that was configured.
// False: not to be produced; it is then given up, or the route waits.
bool Stream::may_send_time(const log::Entry& entry, Encoded& encoded) {
  const auto topic = encoded.record.topic;
  if (machine_.takes_present_time(entry.sequence)) {
    time_guard_.note_refused(topic, encoded.event_ns, now_ns_);
    encoded.record.timestamp_ms = now_ns_ / log::ns_per_ms;
    return true;
  }
  if (!time_guard_.outside(topic, encoded.event_ns, now_ns_)) return true;
  warn_of_age(topic, now_ns_ - encoded.event_ns);
  switch (time_guard_.judge(topic, encoded.event_ns, now_ns_)) {
    case TimeGuard::Verdict::as_it_is:
      return true;
    case TimeGuard::Verdict::ingest_time:
      encoded.record.timestamp_ms = now_ns_ / log::ns_per_ms;
      return true;
    case TimeGuard::Verdict::dead_letter:
      machine_.give_up(entry.sequence, {std::string(record_reason(code::invalid_timestamp)),
                                        time_guard_.why(topic, encoded.event_ns, now_ns_)});
      return false;
    case TimeGuard::Verdict::hold:
      // Not while reports are coming: the first one would say that all is well again.
      if (machine_.window().in_flight() == 0)
        on(core::event::HeldBack{time_guard_.why(topic, encoded.event_ns, now_ns_)});
      return false;
  }
  return true;
}

void Stream::on_report(Window::Id id, int code) {
  if (id > Window::id_mask) return;  // the cursor of a transaction: its commit tells
  const bool delivered = classify(code) == ErrorClass::none;
  const auto slot = machine_.settle(id, delivered);
  if (!slot) return;
  if (!delivered) {
    note_error(code);
    return on(core::event::Failed{outcome_of(code), slot->sequence});
  }
  ++reports_ok_;
  delivered_bytes_ += slot->bytes;
  if (last_delivered_ns_ == 0 || reports_ok_ == 1) last_delivered_ns_ = context_.clock.wall_ns();
  latencies_.add(static_cast<float>(last_delivered_ns_ - slot->time_ns) * 1e-9F);
  meters_.delays.add(static_cast<double>(last_delivered_ns_ - slot->time_ns) * 1e-9);
  meters_.delivery_times.add(static_cast<double>(last_delivered_ns_ - slot->sent_ns) * 1e-9);
}

void Stream::on_reports_end() {
  const std::uint64_t delivered = std::exchange(reports_ok_, 0);
  if (delivered > 0) {
    const auto now = context_.clock.steady();
    rate_.add(delivered, now);
    link_changed(link_.delivered(now));
  }
  on(core::event::ReportsEnd{delivered});
  owner_.reports_came();
}

void Stream::note_error(int code) {
  if (classify(code) == ErrorClass::local) return;
  ++meters_.errors[code];
  note_error_text(explain(code));
}

void Stream::note_error_text(const std::string& text) {
  last_error_ = text;
  last_error_ns_ = context_.clock.wall_ns();
}

}  // namespace weather::bridge
