#include "gateway/ingest/ingest.hpp"

#include <algorithm>
#include <span>
#include <string_view>

#include "bridge/log/counted.hpp"
#include "gateway/ingest/stored_readings.hpp"
#include "gateway/output/say.hpp"
#include "sensors/file_position.hpp"
#include "sensors/id_limit.hpp"
#include "sensors/reading/builder.hpp"
#include "sensors/reading/json_text.hpp"

namespace weather::gateway {
namespace {

using sensors::Message;
using sensors::Reading;
using sensors::Ticket;

constexpr std::size_t shown_of_too_large = 1024;

// What no decoder may let through.
sensors::Decoded within_limits(sensors::Decoded decoded) {
  if (!decoded) return decoded;
  for (const auto& reading : *decoded)
    if (const auto bytes = reading.sensor_id().size(); bytes > sensors::max_sensor_id_bytes)
      return tl::unexpected(sensors::DecodeError{
          "id_too_long", "an id of " + std::to_string(bytes) + " bytes; a sensor's has at most " +
                             std::to_string(sensors::max_sensor_id_bytes)});
  return decoded;
}

// The payload as it came, marked, so that it can be looked at and decoded again one day.
Reading undecodable(const Message& message, const sensors::DecodeError& error, std::size_t raw_bytes) {
  Reading reading;
  reading.set_flags(v1::FLAG_PARSE_PARTIAL);
  reading.set_raw(message.payload.data(), std::min(message.payload.size(), raw_bytes));
  reading.set_error(sensors::to_utf8(error.text.empty() ? error.reason : error.text));
  reading.mutable_source()->set_address(sensors::to_utf8(message.topic));
  if (message.ids != nullptr && message.ids->rule != nullptr) {
    auto& owner = *reading.mutable_arrival()->mutable_owner();
    owner.set_user(message.ids->rule->user);
    for (const auto& prefix : message.ids->rule->prefixes) owner.add_id_prefixes(prefix);
  }
  return reading;
}

void set_arrival(Reading& reading, const Message& message, std::uint64_t hash) {
  auto& arrival = *reading.mutable_arrival();
  arrival.set_source(sensors::to_utf8(message.source));
  arrival.set_topic(sensors::to_utf8(message.topic));
  arrival.set_packet_id(message.packet_id);
  if (!message.client.empty()) arrival.set_client(sensors::to_utf8(message.client));
  if (message.exactly_once) arrival.set_exchange(v1::EXCHANGE_PUBLISHED);
  arrival.set_payload_hash(hash);
  if (!message.traceparent.empty()) arrival.set_traceparent(sensors::to_utf8(message.traceparent));
  if (!message.tracestate.empty()) arrival.set_tracestate(sensors::to_utf8(message.tracestate));
  if (message.file != nullptr) {
    auto& file = *arrival.mutable_file();
    file.set_device(message.file->device);
    file.set_inode(message.file->inode);
    file.set_offset(message.file->offset);
    file.set_head(message.file->head);
    file.set_tail(message.file->tail);
  }
  if (message.retained) reading.set_flags(reading.flags() | v1::FLAG_RETAINED);
}

// The same moment: sources know nothing of the log.
Ticket ticket_of(const log::Mark& mark) {
  return {mark.sequence, mark.refused};
}

}  // namespace

Ingest::Ingest(log::Log& log, Stamper& stamper, IngestOptions options, IngestObserver* observer,
               const std::vector<MessageKey>& left)
    : log_(log),
      stamper_(stamper),
      options_(std::move(options)),
      observer_(observer),
      stage_(std::in_place, options_.stage) {
  last_ = log_.durable();
  log_.on_durable([times = durable_times_](log::Sequence durable) { times->durable(durable); });
  remember_stored(left);
}

sensors::Result<Ticket> Ingest::accept(const Message& message, const sensors::Decoder& decode,
                                       sensors::Waits waits) {
  const auto hash = payload_hash(message.payload);
  const auto key = message_key(message.source, message.client, message.topic, message.packet_id, hash);
  Stamp stamp = stamper_.now();
  if (message.received_ns != 0) stamp.wall_ns = message.received_ns;
  Message stamped = message;  // decoders tell radio repeats by the time of arrival
  stamped.received_ns = stamp.wall_ns;
  SourceCounters* counters = nullptr;
  {
    const std::lock_guard lock(mutex_);
    counters = &counters_of(message.source);
    ++counters->messages;
    counters->last_ns = stamp.wall_ns;
    if ((message.duplicate && redeliveries_.contains(key)) ||
        (message.retained && redeliveries_.contains_payload(key))) {
      ++counters->duplicates;
      return last_;  // maybe not durable yet: the caller waits before it acknowledges
    }
  }
  if (message.payload.empty()) return pass_over(*counters);  // a retained topic was cleared
  const bool too_large = message.payload.size() > options_.max_payload_bytes;
  auto decoded =
      too_large
          ? sensors::Decoded(tl::unexpected(sensors::DecodeError{
                "too_large", "payload of " + std::to_string(message.payload.size()) +
                                 " bytes is more than the " + std::to_string(options_.max_payload_bytes) +
                                 " accepted; only its beginning was kept"}))
          : within_limits(decode(stamped));
  std::vector<Reading> readings;
  if (decoded) {
    readings = std::move(*decoded);
    if (readings.empty()) return pass_over(*counters);
    if (message.ids != nullptr && !message.ids->allows(readings)) {
      const std::lock_guard lock(mutex_);
      ++counters->foreign;
      return tl::unexpected(make_error_code(sensors::AccessErrc::foreign_id));
    }
  } else {
    readings.push_back(
        undecodable(message, decoded.error(), too_large ? shown_of_too_large : message.payload.size()));
  }
  for (auto& reading : readings) set_arrival(reading, message, hash);
  const auto count = readings.size();
  auto ticket = append(*counters, std::move(readings), stamp, waits, message.party);
  if (!ticket && ticket.error() == log::Errc::too_large && decoded) {
    // It would be refused each time it comes, and its sender may send nothing else before.
    decoded = tl::unexpected(sensors::DecodeError{
        "too_large", "its readings together are more than the log takes at once; the payload was kept"});
    auto kept = sensors::one_reading(undecodable(message, decoded.error(), message.payload.size()));
    set_arrival(kept.front(), message, hash);
    ticket = append(*counters, std::move(kept), stamp, waits, message.party);
  }
  if (ticket) {
    const std::lock_guard lock(mutex_);
    if (*ticket != 0) redeliveries_.remember(key);
    if (!decoded) ++counters->undecodable[decoded.error().reason];
  }
  if (says(Level::debug))
    say(Level::debug, std::string(message.source) + ": " + std::string(message.topic) + ", " +
                          std::to_string(message.payload.size()) + " bytes: " +
                          (!ticket   ? "refused: " + ticket.error().message()
                           : decoded ? log::counted(count, "reading")
                                     : "not decoded: " + decoded.error().text));
  return ticket;
}

// A message that says nothing of the weather, by its decoder's word: nothing to store or to wait for.
sensors::Result<Ticket> Ingest::pass_over(SourceCounters& counters) {
  const std::lock_guard lock(mutex_);
  ++counters.passed_over;
  return Ticket{0};
}

// Takes out those of sensors that are not wanted. True: nothing is left of what there was.
bool Ingest::drop_ignored(SourceCounters& counters, std::vector<Reading>& readings) {
  std::size_t ignored = 0;
  {
    const std::lock_guard lock(stage_mutex_);
    ignored = std::erase_if(readings, [this](const Reading& reading) { return stage_->ignores(reading); });
  }
  if (ignored == 0) return false;
  const std::lock_guard lock(mutex_);
  counters.ignored += ignored;
  return readings.empty();
}

sensors::Result<Ticket> Ingest::store(std::vector<Reading> readings, sensors::Waits waits) {
  if (readings.empty()) return Ticket{0};
  const auto& arrival = readings.front().arrival().source();
  const std::string source = !arrival.empty() ? arrival : readings.front().source().adapter();
  const Stamp stamp = stamper_.now();
  SourceCounters* counters = nullptr;
  {
    const std::lock_guard lock(mutex_);
    counters = &counters_of(source);
    ++counters->messages;
    counters->last_ns = stamp.wall_ns;
  }
  return append(*counters, std::move(readings), stamp, waits);
}

std::string_view Ingest::stamp_reading(Reading& reading, const Stamp& stamp) const {
  reading.set_gateway_id(options_.gateway_id);
  reading.set_received_time_ns(static_cast<std::uint64_t>(stamp.wall_ns));
  reading.set_boot_clock_ns(static_cast<std::uint64_t>(stamp.boot_ns));
  reading.set_boot_id(stamp.boot_id);
  reading.set_clock_quality(stamp.quality);
  if (stamp.quality == v1::CLOCK_UNSYNCHRONISED) reading.set_flags(reading.flags() | v1::FLAG_CLOCK_UNSYNCED);
  if (reading.event_time_ns() == 0) {
    reading.set_event_time_ns(reading.received_time_ns());
    reading.set_time_source(v1::TIME_GATEWAY);
    return {};
  }
  // A clock that may itself be wrong judges no reading; that is done when the reading is sent, by the right
  // time.
  if (stamp.quality == v1::CLOCK_UNSYNCHRONISED) return {};
  auto times = sensors::times_of(reading);
  const auto why = sensors::replace_unbelievable_time(times, options_.time_limits);
  if (!why.empty()) sensors::set_times(reading, times);
  return why;
}

// With the lock held.
SourceCounters& Ingest::counters_of(std::string_view source) {
  const auto found = counters_.find(source);
  return found != counters_.end() ? found->second : counters_[std::string(source)];
}

sensors::Result<Ticket> Ingest::append(SourceCounters& counters, std::vector<Reading> readings,
                                       const Stamp& stamp, sensors::Waits waits, std::string_view party) {
  if (drop_ignored(counters, readings)) return Ticket{0};
  // Kept by each thread for its next message: most have one reading of a few hundred bytes.
  thread_local std::string encoded;
  thread_local std::vector<log::Record> records;
  thread_local std::vector<std::size_t> ends;
  encoded.clear();
  records.clear();
  ends.clear();
  std::vector<std::string_view> replaced;
  for (auto& reading : readings) {
    if (const auto why = stamp_reading(reading, stamp); !why.empty()) replaced.push_back(why);
    {
      const std::lock_guard lock(stage_mutex_);
      stage_->apply(reading, stamp.wall_ns);
    }
    reading.AppendToString(&encoded);
    ends.push_back(encoded.size());
  }
  std::size_t begin = 0;
  for (const auto end : ends) {
    const auto bytes = std::as_bytes(std::span(encoded).subspan(begin, end - begin));
    records.push_back({stamp.wall_ns, log::Type::reading, bytes});
    begin = end;
  }
  const auto wait = waits == sensors::Waits::yes ? log::Wait::now : log::Wait::grouped;
  const auto last = log_.append(records, wait);
  const std::lock_guard lock(mutex_);
  if (last) {
    counters.readings += readings.size();
    for (const auto why : replaced) ++counters.replaced_times[std::string(why)];
    last_ = std::max(last_, Ticket{*last});
    if (waits == sensors::Waits::yes) durable_times_->appended(*last, stamp.boot_ns);
    if (observer_ != nullptr) observer_->stored(readings, records, *last, party);
    return *last;
  }
  auto why = last.error();
  if (why == log::Errc::full && options_.drop_when_full) {
    if (const auto mark = log_.count_refused(records, wait)) {
      counters.dropped_full += readings.size();
      const Ticket ticket = ticket_of(*mark);
      last_ = std::max(last_, ticket);
      return ticket;
    } else {
      why = mark.error();
    }
  }
  ++counters.refused[why.message()];
  return tl::unexpected(why);
}

void Ingest::hurry() {
  log_.hurry();
}

sensors::Result<void> Ingest::wait(Ticket ticket, std::chrono::milliseconds timeout) {
  if (ticket == 0) return {};
  return log_.wait_durable({ticket.sequence, ticket.refused}, timeout).map_error(&log::Error::code);
}

Ticket Ingest::durable() const {
  return ticket_of(log_.durable_mark());
}

void Ingest::on_durable(std::function<void(Ticket)> callback) {
  log_.on_durable([&log = log_, callback = std::move(callback)](log::Sequence) {
    callback(ticket_of(log.durable_mark()));
  });
}

void Ingest::set_stage(const sensors::StageOptions& stage) {
  const std::lock_guard lock(stage_mutex_);
  stage_.emplace(stage);
}

Ingest::Counters Ingest::counters() const {
  const std::lock_guard lock(mutex_);
  return counters_;
}

// After a start the last records tell which messages a broker may send again.
void Ingest::remember_stored(const std::vector<MessageKey>& left) {
  for (const auto& key : left) redeliveries_.remember(key);
  const auto from = log::newest_from(log_, RedeliveryFilter::default_capacity);
  const auto read = for_each_stored_reading(log_, from, [this](const Reading& reading, const log::Entry&) {
    if (const auto key = stored_message(reading)) redeliveries_.remember(*key);
  });
  if (!read && options_.report)
    options_.report("the newest records of the log cannot be read: " + read.error().message() +
                    "; a message that a broker sends again may be stored twice");
}

}  // namespace weather::gateway
