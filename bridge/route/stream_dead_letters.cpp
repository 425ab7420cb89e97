// Records that Kafka will never take: kept on the card with the reason, and copied to a topic if there is
// one.
#include <memory>
#include <utility>

#include "bridge/dead_letters/record.hpp"
#include "bridge/dead_letters/writer.hpp"
#include "bridge/kafka/error_table.hpp"
#include "bridge/route/stream.hpp"

namespace weather::bridge {

Stream::Sent Stream::send_dead(const log::Entry& entry, const Encoded& encoded) {
  const core::GivenUp* given_up = machine_.given_up(entry.sequence);
  if (!given_up) return give_up(entry, encoded, encoded.reason, encoded.text);
  // The present time was refused as well, so it was not the time.
  if (machine_.takes_present_time(entry.sequence)) time_guard_.forget_refused(encoded.record.topic);
  const core::GivenUp why = *given_up;
  return give_up(entry, encoded, why.reason, why.text);
}

// The slot stays in flight until the dead letter is on the card.
Stream::Sent Stream::give_up(const log::Entry& entry, const Encoded& encoded, std::string_view reason,
                             std::string text) {
  DeadLetter dead_letter;
  dead_letter.route = options_.name;
  dead_letter.topic = std::string(encoded.record.topic);
  dead_letter.event_id = std::string(encoded.id);
  dead_letter.sequence = entry.sequence;
  dead_letter.time_ns = now_ns_;
  dead_letter.appended_ns = entry.time_ns;
  dead_letter.attempts = encoded.kind == Encoded::Kind::refuse ? 0 : 1;
  dead_letter.reason = std::string(reason);
  dead_letter.error = std::move(text);
  dead_letter.type = entry.type;
  dead_letter.payload.assign(reinterpret_cast<const char*>(entry.payload.data()), entry.payload.size());

  const auto id = machine_.take(slot_of(entry, encoded));
  if (!id) return Sent::not_now;
  const auto stored = context_.dead_letters.add(dead_letter, [this, alive = alive_, id = *id] {
    if (*alive) on(core::event::DeadLetterStored{id});
  });
  if (stored) {
    copy_dead_letter(dead_letter, encoded);
    ++meters_.dead_letters[dead_letter.reason];
    machine_.dead_lettered(entry.sequence);
    return consumed();
  }
  machine_.untake();
  if (stored.error() == log::Errc::full && context_.dead_letters.catching_up())
    on(core::event::DeadLettersBusy{});
  else
    on(core::event::DeadLettersFull{
        "record " + dead_letter.event_id + " cannot be delivered (" + dead_letter.error +
        ") and the dead letter store does not take it: " + stored.error().message()});
  return Sent::not_now;
}

// The dead_letter on the card is the one that counts; the copy is sent while there is a link, and not again.
void Stream::copy_dead_letter(const DeadLetter& dead_letter, const Encoded& encoded) {
  if (context_.options.dead_letter_topic.empty() || !producer_ ||
      context_.options.delivery == Delivery::exactly_once || options_.relay)
    return;
  const auto copy =
      std::make_shared<DeadLetterRecord>(context_.options.dead_letter_topic, dead_letter, encoded);
  const auto not_copied = [this, alive = alive_](int code) {
    if (!*alive) return;
    if (dead_letters_not_copied_++ == 0)
      report(Notice::Level::warning, "a dead letter could not be copied to " +
                                         context_.options.dead_letter_topic + " (" + explain(code) +
                                         "): it stays on the card");
  };
  std::string why;
  const auto without_value = [this, alive = alive_, copy, not_copied](int code) {
    if (classify(code) == ErrorClass::none || !*alive) return;
    if (classify(code) != ErrorClass::record || !producer_) return not_copied(code);
    std::string ignored;
    const auto last = [not_copied](int again) {
      if (classify(again) != ErrorClass::none) not_copied(again);
    };
    if (const int refused = owner_.produce_out_of_band(copy->record(false), last, ignored))
      not_copied(refused);
  };
  if (const int code = owner_.produce_out_of_band(copy->record(true), without_value, why))
    without_value(code);
}

}  // namespace weather::bridge
