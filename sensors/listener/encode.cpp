#include "sensors/listener/encode.hpp"

#include "sensors/listener/properties.hpp"
#include "sensors/listener/wire.hpp"

namespace weather::sensors::listener {
namespace {

void put_first_byte(std::string& out, Type type, std::uint8_t flags = 0) {
  put_byte(out, static_cast<std::uint8_t>((static_cast<unsigned>(type) << 4U) | flags));
}

void put_id(std::string& out, Property property) {
  put_byte(out, static_cast<std::uint8_t>(property));
}

// The packet with the reason string, or without it where that would be too large.
void put_fitting(std::string& out, Type type, std::string_view head, std::string_view properties,
                 std::string_view reason_string, std::uint32_t max_packet_bytes) {
  std::string text;
  if (!reason_string.empty()) {
    put_id(text, Property::reason_string);
    put_string(text, reason_string);
  }
  constexpr std::size_t most_header_bytes = 8;
  const std::size_t with_text = most_header_bytes + head.size() + properties.size() + text.size();
  if (max_packet_bytes != 0 && with_text > max_packet_bytes) text.clear();
  std::string body(head);
  put_variable(body, static_cast<std::uint32_t>(properties.size() + text.size()));
  body.append(properties).append(text);
  put_first_byte(out, type);
  put_variable(out, static_cast<std::uint32_t>(body.size()));
  out.append(body);
}

std::string connack_properties(const Connack& connack) {
  std::string list;
  if (connack.reason != Reason::success) return list;
  if (connack.session_expiry_s) {
    put_id(list, Property::session_expiry);
    put_four_bytes(list, *connack.session_expiry_s);
  }
  if (connack.receive_maximum != 65535) {
    put_id(list, Property::receive_maximum);
    put_two_bytes(list, connack.receive_maximum);
  }
  if (connack.maximum_packet_bytes != 0) {
    put_id(list, Property::maximum_packet_size);
    put_four_bytes(list, connack.maximum_packet_bytes);
  }
  if (!connack.assigned_client_id.empty()) {
    put_id(list, Property::assigned_client_id);
    put_string(list, connack.assigned_client_id);
  }
  if (connack.topic_alias_maximum != 0) {
    put_id(list, Property::topic_alias_maximum);
    put_two_bytes(list, connack.topic_alias_maximum);
  }
  if (connack.server_keep_alive_s) {
    put_id(list, Property::server_keep_alive);
    put_two_bytes(list, *connack.server_keep_alive_s);
  }
  return list;
}

}  // namespace

std::uint8_t connect_return_code(Reason reason) {
  switch (reason) {
    case Reason::unsupported_version:
      return 1;
    case Reason::client_id_not_valid:
      return 2;
    case Reason::server_unavailable:
    case Reason::server_busy:
    case Reason::server_shutting_down:
    case Reason::connection_rate_exceeded:
      return 3;
    case Reason::bad_user_name_or_password:
      return 4;
    case Reason::not_authorized:
      return 5;
    default:
      return 0;
  }
}

void put_connack(std::string& out, Version version, const Connack& connack, std::uint32_t max_packet_bytes) {
  std::string head;
  put_byte(head, connack.session_present && connack.reason == Reason::success ? 1 : 0);
  if (version == Version::v3_1_1) {
    put_byte(head, connect_return_code(connack.reason));
    put_first_byte(out, Type::connack);
    put_variable(out, 2);
    out.append(head);
    return;
  }
  put_byte(head, static_cast<std::uint8_t>(connack.reason));
  put_fitting(out, Type::connack, head, connack_properties(connack), connack.reason_string, max_packet_bytes);
}

void put_unsupported_version(std::string& out, std::uint8_t level) {
  // mosquitto's bridges set the highest bit of the level first, and connect without it once that is refused
  // in the form they expect.
  const unsigned base = level & 0x7FU;
  const Version answer = base > 4 ? Version::v5 : Version::v3_1_1;
  Connack connack;
  connack.reason = Reason::unsupported_version;
  put_connack(out, answer, connack, 0);
}

void put_ack(std::string& out, Version version, Type type, std::uint16_t packet_id, Reason reason) {
  const bool with_reason = version == Version::v5 && reason != Reason::success;
  put_first_byte(out, type, type == Type::pubrel ? 2 : 0);
  put_byte(out, with_reason ? 3 : 2);
  put_two_bytes(out, packet_id);
  if (with_reason) put_byte(out, static_cast<std::uint8_t>(reason));
}

void put_suback(std::string& out, Version version, std::uint16_t packet_id, std::span<const Reason> reasons) {
  put_first_byte(out, Type::suback);
  const std::size_t properties = version == Version::v5 ? 1 : 0;
  put_variable(out, static_cast<std::uint32_t>(2 + properties + reasons.size()));
  put_two_bytes(out, packet_id);
  if (version == Version::v5) put_byte(out, 0);
  for (const Reason reason : reasons) {
    // 3.1.1 knows one failure code, 0x80 [MQTT-3.9.3-2].
    put_byte(out, version == Version::v5 ? static_cast<std::uint8_t>(reason) : std::uint8_t{0x80});
  }
}

void put_unsuback(std::string& out, Version version, std::uint16_t packet_id,
                  std::span<const Reason> reasons) {
  put_first_byte(out, Type::unsuback);
  if (version == Version::v3_1_1) {
    put_byte(out, 2);
    put_two_bytes(out, packet_id);
    return;
  }
  put_variable(out, static_cast<std::uint32_t>(3 + reasons.size()));
  put_two_bytes(out, packet_id);
  put_byte(out, 0);
  for (const Reason reason : reasons) put_byte(out, static_cast<std::uint8_t>(reason));
}

void put_pingresp(std::string& out) {
  put_first_byte(out, Type::pingresp);
  put_byte(out, 0);
}

void put_disconnect(std::string& out, Reason reason, std::string_view text, std::uint32_t max_packet_bytes) {
  std::string head;
  put_byte(head, static_cast<std::uint8_t>(reason));
  put_fitting(out, Type::disconnect, head, {}, text, max_packet_bytes);
}

}  // namespace weather::sensors::listener
