// The MQTT packets a server that only receives publications meets: names and plain structs, no logic.
// MQTT 3.1.1 (OASIS, 29 October 2014) and MQTT 5.0 (OASIS, 7 March 2019); [MQTT-x.y.z-n] cites a statement.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace weather::sensors::listener {

enum class Version : std::uint8_t { v3_1_1 = 4, v5 = 5 };

enum class Type : std::uint8_t {
  connect = 1,
  connack = 2,
  publish = 3,
  puback = 4,
  pubrec = 5,
  pubrel = 6,
  pubcomp = 7,
  subscribe = 8,
  suback = 9,
  unsubscribe = 10,
  unsuback = 11,
  pingreq = 12,
  pingresp = 13,
  disconnect = 14,
  auth = 15,
};

// MQTT 5 reason codes; encode.hpp translates them for a 3.1.1 client.
enum class Reason : std::uint8_t {
  success = 0x00,
  disconnect_with_will = 0x04,
  no_matching_subscribers = 0x10,
  no_subscription_existed = 0x11,
  unspecified = 0x80,
  malformed_packet = 0x81,
  protocol_error = 0x82,
  unsupported_version = 0x84,
  client_id_not_valid = 0x85,
  bad_user_name_or_password = 0x86,
  not_authorized = 0x87,
  server_unavailable = 0x88,
  server_busy = 0x89,
  server_shutting_down = 0x8B,
  bad_authentication_method = 0x8C,
  keep_alive_timeout = 0x8D,
  session_taken_over = 0x8E,
  topic_filter_invalid = 0x8F,
  topic_name_invalid = 0x90,
  packet_identifier_not_found = 0x92,
  receive_maximum_exceeded = 0x93,
  topic_alias_invalid = 0x94,
  packet_too_large = 0x95,
  quota_exceeded = 0x97,
  connection_rate_exceeded = 0x9F,
};

// Why a packet was refused: the code for the wire and a fixed text for people and counters.
struct ProtocolError {
  Reason reason = Reason::malformed_packet;
  const char* text = "";
};

// One packet in the receive buffer: views are valid while the buffer is.
struct Frame {
  Type type = Type::connect;
  std::uint8_t flags = 0;  // low four bits of the first byte
  std::string_view body;   // after the fixed header
  std::size_t size = 0;    // of the whole packet; 0: more bytes are needed
};

struct Will {
  std::string_view topic, payload;
  std::uint8_t qos = 0;
  bool retain = false;
  std::uint32_t delay_s = 0;
};

struct Connect {
  Version version = Version::v3_1_1;
  bool clean_start = true;
  std::uint16_t keep_alive_s = 0;
  std::string_view client_id;
  std::optional<Will> will;
  std::optional<std::string_view> user_name, password;
  std::uint32_t session_expiry_s = 0;      // 3.1.1: 0 with a clean session, else no end
  std::uint16_t receive_maximum = 65535;   // ours is never used: we send no PUBLISH
  std::uint32_t maximum_packet_bytes = 0;  // 0: no limit
  bool authentication_method = false;      // the client wants enhanced authentication
};

struct Publish {
  std::string_view topic, payload;
  std::uint16_t packet_id = 0;
  std::uint8_t qos = 0;
  bool duplicate = false, retain = false;
  std::uint16_t topic_alias = 0;             // 0: none
  std::string_view traceparent, tracestate;  // W3C trace context, from user properties of these names
};

struct Ack {  // PUBACK, PUBREC, PUBREL, PUBCOMP
  std::uint16_t packet_id = 0;
  Reason reason = Reason::success;
};

struct Filters {  // SUBSCRIBE, UNSUBSCRIBE
  std::uint16_t packet_id = 0;
  std::vector<std::string_view> filters;
};

struct Disconnect {
  Reason reason = Reason::success;
  std::optional<std::uint32_t> session_expiry_s;
};

struct Connack {
  bool session_present = false;
  Reason reason = Reason::success;
  // MQTT 5 only; each is sent only when it differs from what the specification assumes.
  std::uint16_t receive_maximum = 65535;
  std::uint16_t topic_alias_maximum = 0;
  std::uint32_t maximum_packet_bytes = 0;                 // 0: no limit
  std::optional<std::uint32_t> session_expiry_s = {};     // when it is not what the client asked for
  std::optional<std::uint16_t> server_keep_alive_s = {};  // when it is not what the client asked for
  std::string_view assigned_client_id = {};
  std::string_view reason_string = {};
};

}  // namespace weather::sensors::listener
