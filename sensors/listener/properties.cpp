#include "sensors/listener/properties.hpp"

namespace weather::sensors::listener {
namespace {

enum class Kind : std::uint8_t { flag, byte, two, four, variable, text, binary, pair };

constexpr unsigned in(Carrier carrier) {
  return 1U << static_cast<unsigned>(carrier);
}

struct Rule {
  Property property;
  Kind kind;
  unsigned holders;
};

// MQTT 5.0, table 2-4, the rows a client may send.
constexpr Rule rules[] = {
    {Property::payload_format, Kind::flag, in(Carrier::publish) | in(Carrier::will)},
    {Property::message_expiry, Kind::four, in(Carrier::publish) | in(Carrier::will)},
    {Property::content_type, Kind::text, in(Carrier::publish) | in(Carrier::will)},
    {Property::response_topic, Kind::text, in(Carrier::publish) | in(Carrier::will)},
    {Property::correlation_data, Kind::binary, in(Carrier::publish) | in(Carrier::will)},
    {Property::subscription_identifier, Kind::variable, in(Carrier::publish) | in(Carrier::subscribe)},
    {Property::session_expiry, Kind::four, in(Carrier::connect) | in(Carrier::disconnect)},
    {Property::authentication_method, Kind::text, in(Carrier::connect) | in(Carrier::auth)},
    {Property::authentication_data, Kind::binary, in(Carrier::connect) | in(Carrier::auth)},
    {Property::request_problem_information, Kind::flag, in(Carrier::connect)},
    {Property::will_delay, Kind::four, in(Carrier::will)},
    {Property::request_response_information, Kind::flag, in(Carrier::connect)},
    {Property::reason_string, Kind::text, in(Carrier::ack) | in(Carrier::disconnect) | in(Carrier::auth)},
    {Property::receive_maximum, Kind::two, in(Carrier::connect)},
    {Property::topic_alias_maximum, Kind::two, in(Carrier::connect)},
    {Property::topic_alias, Kind::two, in(Carrier::publish)},
    {Property::user_property, Kind::pair, ~0U},
    {Property::maximum_packet_size, Kind::four, in(Carrier::connect)},
};

const Rule* rule_of(std::uint32_t id) {
  for (const Rule& rule : rules) {
    if (static_cast<std::uint32_t>(rule.property) == id) return &rule;
  }
  return nullptr;
}

void read_pair(WireReader& reader, Properties& into) {
  const std::string_view name = reader.string();
  const std::string_view value = reader.string();
  if (name == "traceparent") into.traceparent = value;
  if (name == "tracestate") into.tracestate = value;
}

struct Value {
  std::uint32_t number = 0;
  std::string_view text;
};

Value read_value(WireReader& reader, Kind kind, Properties& into) {
  switch (kind) {
    case Kind::flag:
    case Kind::byte:
      return {reader.byte(), {}};
    case Kind::two:
      return {reader.two_bytes(), {}};
    case Kind::four:
      return {reader.four_bytes(), {}};
    case Kind::variable:
      return {reader.variable(), {}};
    case Kind::text:
      return {0, reader.string()};
    case Kind::binary:
      return {0, reader.binary()};
    case Kind::pair:
      read_pair(reader, into);
      break;
  }
  return {};
}

// A fixed text if the value is one the specification forbids.
const char* forbidden(const Rule& rule, const Value& value) {
  if (rule.kind == Kind::flag && value.number > 1) return "a property that must be 0 or 1 is neither";
  switch (rule.property) {
    case Property::receive_maximum:
      return value.number == 0 ? "Receive Maximum is 0" : nullptr;
    case Property::maximum_packet_size:
      return value.number == 0 ? "Maximum Packet Size is 0" : nullptr;
    case Property::subscription_identifier:
      return value.number == 0 ? "Subscription Identifier is 0" : nullptr;
    case Property::response_topic:
      return valid_topic_name(value.text) ? nullptr : "Response Topic is empty or has a wildcard";
    default:
      return nullptr;
  }
}

void keep(Property property, std::uint32_t number, Properties& into) {
  switch (property) {
    case Property::session_expiry:
      into.session_expiry_s = number;
      break;
    case Property::will_delay:
      into.will_delay_s = number;
      break;
    case Property::maximum_packet_size:
      into.maximum_packet_bytes = number;
      break;
    case Property::receive_maximum:
      into.receive_maximum = static_cast<std::uint16_t>(number);
      break;
    case Property::topic_alias:
      into.topic_alias = static_cast<std::uint16_t>(number);
      break;
    default:
      break;
  }
}

}  // namespace

tl::expected<Properties, ProtocolError> read_properties(WireReader& reader, Carrier carrier) {
  const auto malformed = [](const char* text) {
    return tl::make_unexpected(ProtocolError{Reason::malformed_packet, text});
  };
  Properties found;
  WireReader list(reader.bytes(reader.variable()));
  if (!reader.ok()) return malformed("the property list is longer than its packet");
  while (!list.at_end()) {
    const Rule* rule = rule_of(list.variable());
    if (rule == nullptr || (rule->holders & in(carrier)) == 0) {
      return malformed("a property that this packet may not have");
    }
    const Value value = read_value(list, rule->kind, found);
    if (!list.ok()) return malformed("a property is cut off or its text is not valid UTF-8");
    if (rule->kind == Kind::pair) continue;
    if (found.has(rule->property)) {
      return tl::make_unexpected(ProtocolError{Reason::protocol_error, "a property comes twice"});
    }
    if (const char* text = forbidden(*rule, value); text != nullptr) {
      return tl::make_unexpected(ProtocolError{Reason::protocol_error, text});
    }
    found.seen |= 1ULL << static_cast<unsigned>(rule->property);
    keep(rule->property, value.number, found);
  }
  return found;
}

}  // namespace weather::sensors::listener
