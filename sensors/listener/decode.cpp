#include "sensors/listener/decode.hpp"

#include "sensors/listener/properties.hpp"
#include "sensors/listener/wire.hpp"

namespace weather::sensors::listener {
namespace {

auto malformed(const char* text) {
  return tl::make_unexpected(ProtocolError{Reason::malformed_packet, text});
}
auto violation(const char* text) {
  return tl::make_unexpected(ProtocolError{Reason::protocol_error, text});
}

// Table 2-2: what the low four bits of the first byte must be; PUBLISH has flags of its own.
std::uint8_t reserved_flags(Type type) {
  return type == Type::pubrel || type == Type::subscribe || type == Type::unsubscribe ? 2 : 0;
}

constexpr std::uint8_t user_name_flag = 0x80, password_flag = 0x40, will_retain_flag = 0x20, will_flag = 0x04,
                       clean_flag = 0x02, reserved_flag = 0x01;

const char* wrong_connect_flags(std::uint8_t flags, Version version) {
  const unsigned will_qos = (flags >> 3U) & 3U;
  if ((flags & reserved_flag) != 0) return "CONNECT: the reserved flag is set";
  if ((flags & will_flag) == 0 && (will_qos != 0 || (flags & will_retain_flag) != 0)) {
    return "CONNECT: will QoS or retain without a will";
  }
  if (will_qos == 3) return "CONNECT: will QoS 3";
  if (version == Version::v3_1_1 && (flags & password_flag) != 0 && (flags & user_name_flag) == 0) {
    return "CONNECT: a password without a user name";
  }
  return nullptr;
}

Decoding<Will> read_will(WireReader& reader, std::uint8_t flags, Version version) {
  Will will;
  will.qos = (flags >> 3U) & 3U;
  will.retain = (flags & will_retain_flag) != 0;
  if (version == Version::v5) {
    const auto properties = read_properties(reader, Carrier::will);
    if (!properties) return tl::make_unexpected(properties.error());
    will.delay_s = properties->will_delay_s;
  }
  will.topic = reader.string();
  will.payload = reader.binary();
  if (!reader.ok()) return malformed("CONNECT: the will is cut off or its topic is not valid UTF-8");
  if (!valid_topic_name(will.topic)) {
    return tl::make_unexpected(
        ProtocolError{Reason::topic_name_invalid, "CONNECT: the will topic is empty or has a wildcard"});
  }
  return will;
}

const char* apply_properties(const Properties& properties, Connect& into) {
  into.session_expiry_s = properties.session_expiry_s;
  into.receive_maximum = properties.receive_maximum;
  into.maximum_packet_bytes = properties.maximum_packet_bytes;
  into.authentication_method = properties.has(Property::authentication_method);
  if (properties.has(Property::authentication_data) && !into.authentication_method) {
    return "CONNECT: Authentication Data without an Authentication Method";
  }
  return nullptr;
}

}  // namespace

Decoding<Frame> next_frame(std::string_view bytes, std::uint32_t max_packet_bytes) {
  Frame frame;
  if (bytes.empty()) return frame;
  const auto first = static_cast<std::uint8_t>(bytes[0]);
  frame.type = static_cast<Type>(first >> 4U);
  frame.flags = first & 0x0FU;
  if (frame.type == Type{0}) return malformed("packet type 0");
  if (frame.type != Type::publish && frame.flags != reserved_flags(frame.type)) {
    return malformed("reserved flags of the fixed header are not as specified");
  }
  std::size_t header = 1;
  std::uint32_t length = 0;
  for (unsigned shift = 0;; shift += 7, ++header) {
    if (shift == 28) return malformed("the remaining length has more than four bytes");
    if (header == bytes.size()) return frame;
    const auto next = static_cast<std::uint8_t>(bytes[header]);
    length |= static_cast<std::uint32_t>(next & 0x7FU) << shift;
    if ((next & 0x80U) != 0) continue;
    if (next == 0 && shift > 0) return malformed("the remaining length is longer than needed");
    ++header;
    break;
  }
  if (header + length > max_packet_bytes) {
    return tl::make_unexpected(
        ProtocolError{Reason::packet_too_large, "the packet is larger than this listener takes"});
  }
  if (bytes.size() - header < length) return frame;
  frame.body = bytes.substr(header, length);
  frame.size = header + length;
  return frame;
}

Decoding<std::uint8_t> protocol_level(const Frame& frame) {
  WireReader reader(frame.body);
  const std::string_view name = reader.string();
  const std::uint8_t level = reader.byte();
  if (!reader.ok()) return malformed("CONNECT: the protocol name is cut off");
  if (name == "MQIsdp" && level == 3) return level;
  if (name != "MQTT") return violation("CONNECT: the protocol name is not MQTT");
  return level;
}

Decoding<Connect> decode_connect(const Frame& frame) {
  WireReader reader(frame.body);
  reader.string();
  Connect connect;
  connect.version = static_cast<Version>(reader.byte());
  const std::uint8_t flags = reader.byte();
  connect.keep_alive_s = reader.two_bytes();
  if (!reader.ok()) return malformed("CONNECT: cut off");
  if (const char* text = wrong_connect_flags(flags, connect.version); text != nullptr) return malformed(text);
  connect.clean_start = (flags & clean_flag) != 0;
  if (connect.version == Version::v5) {
    const auto properties = read_properties(reader, Carrier::connect);
    if (!properties) return tl::make_unexpected(properties.error());
    if (const char* text = apply_properties(*properties, connect); text != nullptr) return violation(text);
  } else {
    connect.session_expiry_s = connect.clean_start ? 0 : 0xFFFFFFFFU;
  }
  connect.client_id = reader.string();
  if (!reader.ok()) return malformed("CONNECT: no client identifier, or it is not valid UTF-8");
  if ((flags & will_flag) != 0) {
    const auto will = read_will(reader, flags, connect.version);
    if (!will) return tl::make_unexpected(will.error());
    connect.will = *will;
  }
  if ((flags & user_name_flag) != 0) connect.user_name = reader.string();
  if ((flags & password_flag) != 0) connect.password = reader.binary();
  if (!reader.ok()) return malformed("CONNECT: cut off, or the user name is not valid UTF-8");
  if (!reader.at_end()) return malformed("CONNECT: bytes after its end");
  return connect;
}

Decoding<Publish> decode_publish(const Frame& frame, Version version) {
  Publish publish;
  publish.qos = (frame.flags >> 1U) & 3U;
  publish.duplicate = (frame.flags & 8U) != 0;
  publish.retain = (frame.flags & 1U) != 0;
  if (publish.qos == 3) return malformed("PUBLISH: QoS 3");
  if (publish.qos == 0 && publish.duplicate) return malformed("PUBLISH: QoS 0 with DUP");
  WireReader reader(frame.body);
  publish.topic = reader.string();
  if (publish.qos > 0) publish.packet_id = reader.two_bytes();
  if (!reader.ok()) return malformed("PUBLISH: cut off, or the topic is not valid UTF-8");
  if (publish.qos > 0 && publish.packet_id == 0) return violation("PUBLISH: packet identifier 0");
  bool alias = false;
  if (version == Version::v5) {
    const auto properties = read_properties(reader, Carrier::publish);
    if (!properties) return tl::make_unexpected(properties.error());
    if (properties->has(Property::subscription_identifier)) {
      return violation("PUBLISH: a Subscription Identifier from a client");
    }
    alias = properties->has(Property::topic_alias);
    publish.topic_alias = properties->topic_alias;
    publish.traceparent = properties->traceparent;
    publish.tracestate = properties->tracestate;
    if (alias && publish.topic_alias == 0) {
      return tl::make_unexpected(ProtocolError{Reason::topic_alias_invalid, "PUBLISH: topic alias 0"});
    }
  }
  publish.payload = reader.rest();
  if (publish.topic.empty()) {
    return alias ? Decoding<Publish>(publish) : violation("PUBLISH: neither a topic nor a topic alias");
  }
  if (!valid_topic_name(publish.topic)) {
    return tl::make_unexpected(
        ProtocolError{Reason::topic_name_invalid, "PUBLISH: the topic has a wildcard"});
  }
  return publish;
}

Decoding<Ack> decode_ack(const Frame& frame, Version version) {
  WireReader reader(frame.body);
  Ack ack;
  ack.packet_id = reader.two_bytes();
  if (!reader.ok()) return malformed("an acknowledgement without a packet identifier");
  if (ack.packet_id == 0) return violation("an acknowledgement of packet identifier 0");
  if (version == Version::v5 && !reader.at_end()) {
    ack.reason = static_cast<Reason>(reader.byte());
    if (!reader.at_end()) {
      const auto properties = read_properties(reader, Carrier::ack);
      if (!properties) return tl::make_unexpected(properties.error());
    }
    if (frame.type == Type::pubrel && ack.reason != Reason::success &&
        ack.reason != Reason::packet_identifier_not_found) {
      return violation("PUBREL: a reason code it may not have");
    }
  }
  if (!reader.at_end()) return malformed("an acknowledgement with bytes after its end");
  return ack;
}

Decoding<Filters> decode_filters(const Frame& frame, Version version) {
  const bool subscribe = frame.type == Type::subscribe;
  WireReader reader(frame.body);
  Filters wanted;
  wanted.packet_id = reader.two_bytes();
  if (!reader.ok()) return malformed("SUBSCRIBE or UNSUBSCRIBE: cut off");
  if (wanted.packet_id == 0) return violation("SUBSCRIBE or UNSUBSCRIBE: packet identifier 0");
  if (version == Version::v5) {
    const auto properties = read_properties(reader, subscribe ? Carrier::subscribe : Carrier::unsubscribe);
    if (!properties) return tl::make_unexpected(properties.error());
  }
  while (reader.ok() && !reader.at_end()) {
    wanted.filters.push_back(reader.string());
    if (!subscribe) continue;
    const std::uint8_t options = reader.byte();
    const unsigned reserved = version == Version::v5 ? 0xC0U : 0xFCU;
    if ((options & reserved) != 0) return malformed("SUBSCRIBE: reserved bits of the options are set");
    if ((options & 3U) == 3) return malformed("SUBSCRIBE: QoS 3");
    if ((options & 0x30U) == 0x30U) return violation("SUBSCRIBE: Retain Handling 3");
    if ((options & 4U) != 0 && wanted.filters.back().starts_with("$share/")) {
      return violation("SUBSCRIBE: No Local on a shared subscription");
    }
  }
  if (!reader.ok()) return malformed("SUBSCRIBE or UNSUBSCRIBE: cut off, or a filter is not valid UTF-8");
  if (wanted.filters.empty()) return violation("SUBSCRIBE or UNSUBSCRIBE: no topic filter");
  return wanted;
}

Decoding<Disconnect> decode_disconnect(const Frame& frame, Version version) {
  Disconnect disconnect;
  WireReader reader(frame.body);
  if (version == Version::v5 && !reader.at_end()) {
    disconnect.reason = static_cast<Reason>(reader.byte());
    if (!reader.at_end()) {
      const auto properties = read_properties(reader, Carrier::disconnect);
      if (!properties) return tl::make_unexpected(properties.error());
      if (properties->has(Property::session_expiry))
        disconnect.session_expiry_s = properties->session_expiry_s;
    }
  }
  if (!reader.at_end()) return malformed("DISCONNECT: bytes after its end");
  return disconnect;
}

}  // namespace weather::sensors::listener
