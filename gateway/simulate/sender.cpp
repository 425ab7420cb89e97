#include "gateway/simulate/sender.hpp"

#include <cmath>

#include "bridge/kafka/error_table.hpp"
#include "bridge/route/statistics.hpp"
#include "sensors/reading/builder.hpp"

namespace weather::gateway {
namespace {

// What a gateway would have in its log: a station's reading with a daily curve.
std::string log_record(const FleetMember& member, const VirtualReading& reading) {
  v1::Reading result;
  result.set_sensor_id(member.id + "/sensor-" + std::to_string(reading.sensor + 1));
  result.set_gateway_id(member.id);
  result.set_received_time_ns(static_cast<std::uint64_t>(reading.time_ns));
  result.set_flags(v1::FLAG_SIMULATED);
  sensors::set_event_time(result, reading.time_ns, v1::TIME_GATEWAY);
  const double day = static_cast<double>(reading.time_ns / 1'000'000'000 % 86400) / 86400;
  const double curve = std::sin((day - 0.375) * 2 * 3.14159265);
  sensors::add_quantity(result, {"temperature"}, std::round((15 + 6 * curve) * 10) / 10);
  sensors::add_quantity(result, {"humidity"}, std::round(65 - 20 * curve));
  std::string encoded;
  result.SerializeToString(&encoded);
  return encoded;
}

}  // namespace

Sender::Sender(boost::asio::io_context& io, const bridge::Properties& properties,
               bridge::Background& background, std::size_t window)
    : window_(window), producer_(std::make_unique<bridge::Producer>(io, properties, *this, background)) {
  producer_->send_together(false);  // a refusal by one topic must not end the client that others share
}

// The gateways in turn, so that none of them is held up by another's backlog.
void Sender::pump() {
  for (std::size_t idle = 0; idle < members_.size();) {
    auto& member = *members_[turn_++ % members_.size()];
    idle = send(member) ? 0 : idle + 1;
  }
}

bool Sender::send(FleetMember& member) {
  constexpr std::size_t most_in_client = 10'000;  // below queue.buffering.max.messages
  if (in_flight_.size() >= most_in_client) return false;
  const auto sending = member.gateway.next(window_);
  if (!sending) return false;
  const auto payload = log_record(member, sending->reading);
  const log::Entry entry{sending->reading.sequence, sending->reading.time_ns, log::Type::reading,
                         std::as_bytes(std::span(payload))};
  const auto encoded = member.encoder.encode(entry, bridge::Sending{sending->reading.time_ns});
  const auto id = next_id_++ & bridge::Window::id_mask;
  if (encoded.kind != bridge::Encoded::Kind::send || producer_->produce(encoded.record, id) != 0) {
    member.gateway.refused(*sending);
    return false;
  }
  in_flight_[id] = {&member, sending->id};
  return true;
}

void Sender::on_report(bridge::Window::Id id, int code) {
  const auto found = in_flight_.find(id);
  if (found == in_flight_.end()) return;
  auto& member = *found->second.member;
  const bool delivered = bridge::classify(code) == bridge::ErrorClass::none;
  member.gateway.reported(found->second.id, delivered);
  in_flight_.erase(found);
  if (!delivered) return;
  ++member.confirmed;
  ++counters_.confirmed;
  if (std::exchange(member.cut_off, false)) ++counters_.back;
}

void Sender::on_statistics(std::string_view json) {
  const auto statistics = bridge::parse_statistics(json);
  counters_.requests = static_cast<std::uint64_t>(statistics.sent_requests);
  counters_.bytes = static_cast<std::uint64_t>(statistics.sent_bytes);
  counters_.round_trip_p99_s = statistics.round_trip_p99_ms / 1000;
  counters_.connects = 0;
  for (const auto& broker : statistics.brokers) counters_.connects += broker.connects;
}

}  // namespace weather::gateway
