#include "bridge/encode/relay_encoder.hpp"

#include <utility>

#include "bridge/encode/clock_table.hpp"
#include "bridge/encode/relayed_record.hpp"
#include "bridge/log/identity.hpp"
#include "bridge/log/loss.hpp"
#include "bridge/log/nanoseconds.hpp"
#include "sensors/reading/reading.pb.h"

namespace weather::bridge {
namespace {

Encoded refused(std::string_view id, std::string_view reason, std::string text) {
  Encoded result;
  result.kind = Encoded::Kind::refuse;
  result.id = id;
  result.reason = reason;
  result.text = std::move(text);
  return result;
}

// The record's number in the log that its id names.
log::Sequence own_sequence(const log::Entry& entry, const std::optional<log::Origin>& origin) {
  return origin ? origin->sequence : entry.sequence;
}

}  // namespace

RelayEncoder::RelayEncoder(const RouteOptions& route, std::string_view gateway_id, std::string_view log_id)
    : route_(route), gateway_id_(gateway_id), log_id_(log_id), match_(route.match) {}

Encoded RelayEncoder::encode(const log::Entry& entry, const Sending& sending) {
  log::Identified known = log::identify(entry, log_id_);
  id_ = std::move(known.id);
  time_ns_ = entry.time_ns;
  switch (known.type) {
    case log::Type::reading:
      return encode_reading(entry, known, sending);
    case log::Type::loss: {
      const auto loss = log::decode_loss(known.payload);
      if (!loss) return refused(id_, "not_a_loss", "the stored loss record cannot be read");
      event_ns_ = loss->noticed_ns != 0 ? loss->noticed_ns : entry.time_ns;
      key_ = known.gateway.empty() ? gateway_id_ : known.gateway;
      Encoded result = send(entry, known, sending, known.payload);
      // One of another log has lost nothing here.
      if (entry.type == log::Type::loss && loss->first != 0) result.lost_records = loss->records;
      return result;
    }
    default:
      return {};
  }
}

Encoded RelayEncoder::encode_reading(const log::Entry& entry, const log::Identified& known,
                                     const Sending& sending) {
  if (!sensors::read(known.payload, reading_)) {
    if (!route_.keeps_undecodable) return {};
    return refused(id_, "not_a_reading", "the stored record is not a weather.v1.Reading");
  }
  if (reading_.exchange >= v1::EXCHANGE_RELEASED) return {};  // the listener's own notes
  if ((reading_.flags & v1::FLAG_PARSE_PARTIAL) != 0 &&
      (!reading_.error.empty() || reading_.quantities.empty())) {
    if (!route_.keeps_undecodable) return {};
    return refused(id_, "undecodable",
                   reading_.error.empty() ? "the payload could not be decoded" : std::string(reading_.error));
  }
  auto payload = known.payload;
  auto& times = reading_.times;
  if (clock_ && restamp(times, entry.type == log::Type::imported ? 0 : entry.sequence, *clock_)) {
    v1::Reading message;
    if (!message.ParseFromArray(payload.data(), static_cast<int>(payload.size())))
      return refused(id_, "not_a_reading", "the stored record is not a weather.v1.Reading");
    sensors::set_times(message, times);
    restamped_ = message.SerializeAsString();
    payload = std::as_bytes(std::span(restamped_));
    time_ns_ = times.received_ns;
  }
  if (!match_.fits(reading_, fields_of(reading_))) return {};
  event_ns_ = event_ns_of(times, entry);
  key_ = reading_.sensor_id;
  return send(entry, known, sending, payload);
}

Encoded RelayEncoder::send(const log::Entry& entry, const log::Identified& known, const Sending& sending,
                           std::span<const std::byte> payload) {
  const auto origin = entry.type == log::Type::imported ? log::decode_origin(entry.payload) : std::nullopt;
  log::Origin relayed{origin ? origin->log_id : log_id_, own_sequence(entry, origin), known.type, payload,
                      known.gateway.empty() ? gateway_id_ : known.gateway};
  relayed.sender = log::Sender{gateway_id_, log_id_, route_.name, entry.sequence, sending.out_of_band};
  encode_relayed(time_ns_, relayed, value_);
  Encoded result;
  result.kind = Encoded::Kind::send;
  result.event_ns = event_ns_;
  result.id = id_;
  result.record.topic = route_.topic;
  result.record.key = key_;
  result.record.value = {reinterpret_cast<const char*>(value_.data()), value_.size()};
  result.record.timestamp_ms = event_ns_ / log::ns_per_ms;
  result.record.bytes = value_.size();
  return result;
}

}  // namespace weather::bridge
