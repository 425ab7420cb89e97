// MQTT 5 properties of the packets a client sends. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include <tl/expected.hpp>

#include "sensors/listener/packet.hpp"
#include "sensors/listener/wire.hpp"

namespace weather::sensors::listener {

enum class Property : std::uint8_t {
  payload_format = 0x01,
  message_expiry = 0x02,
  content_type = 0x03,
  response_topic = 0x08,
  correlation_data = 0x09,
  subscription_identifier = 0x0B,
  session_expiry = 0x11,
  assigned_client_id = 0x12,
  server_keep_alive = 0x13,
  authentication_method = 0x15,
  authentication_data = 0x16,
  request_problem_information = 0x17,
  will_delay = 0x18,
  request_response_information = 0x19,
  reason_string = 0x1F,
  receive_maximum = 0x21,
  topic_alias_maximum = 0x22,
  topic_alias = 0x23,
  user_property = 0x26,
  maximum_packet_size = 0x27,
};

// Where a property list stands decides what may be in it.
enum class Carrier : std::uint8_t { connect, will, publish, ack, subscribe, unsubscribe, disconnect, auth };

struct Properties {
  std::uint64_t seen = 0;  // bit n: property n
  std::uint32_t session_expiry_s = 0, will_delay_s = 0, maximum_packet_bytes = 0;
  std::uint16_t receive_maximum = 65535, topic_alias = 0;
  std::string_view traceparent, tracestate;

  bool has(Property property) const { return ((seen >> static_cast<unsigned>(property)) & 1U) != 0; }
};

// Reads one property list, its length included. Unknown or misplaced: malformed; twice or with a value the
// specification forbids: a protocol error.
tl::expected<Properties, ProtocolError> read_properties(WireReader& reader, Carrier carrier);

}  // namespace weather::sensors::listener
