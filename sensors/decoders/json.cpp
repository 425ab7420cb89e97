#include "sensors/decoders/json.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include <boost/json/value.hpp>

#include "sensors/decoders/json_document.hpp"
#include "sensors/reading/builder.hpp"
#include "sensors/reading/meaning.hpp"
#include "sensors/reading/quantities.hpp"

namespace weather::sensors {
namespace {

namespace json = boost::json;

// The first of these members that can name a sensor.
const json::key_value_pair* find_id(const json::object& object, std::initializer_list<const char*> names) {
  for (const char* name : names) {
    const auto* const member = object.find(name);
    if (member == object.end() || !is_scalar(member->value()) || member->value().is_bool()) continue;
    if (!trimmed(scalar_text(member->value())).empty()) return member;
  }
  return nullptr;
}

const json::key_value_pair* find_time(const json::object& object, std::initializer_list<const char*> names) {
  for (const char* name : names) {
    const auto* const member = object.find(name);
    if (member != object.end() && time_value(member->value()) > 0) return member;
  }
  return nullptr;
}

// What an imperial event means by this name; empty: the canonical unit.
std::string_view imperial_unit(std::string_view name) {
  const auto* const info = find_quantity(canonical_name(name));
  return info == nullptr ? std::string_view{} : info->imperial_unit;
}

// Where a member stands, and whose account it goes into.
struct Place {
  const Message& message;
  std::string path;
  bool imperial = false;

  // Of a number: an imperial event says it, and so may the configuration of the source.
  std::string_view unit_of(std::string_view name) const {
    return imperial ? imperial_unit(name) : assumed_unit(message, canonical_name(name));
  }

  void became(const json::key_value_pair& member, Became became, std::string_view what = {}) const {
    if (message.account != nullptr)
      account_leaves(message.account, child_pointer(path, view(member.key())), member.value(), became, what);
  }
};

void add_member(Reading& reading, JsonMembers& extra, const json::key_value_pair& member,
                const Place& place) {
  const json::value& value = member.value();
  const std::string_view name = view(member.key());
  if (!is_scalar(value) || is_beyond_quantity(value)) {
    std::string text;
    append_json(text, value);
    extra.add_json(name, text);
    place.became(member, Became::kept, name);
  } else if (name == "location" && value.is_string()) {
    reading.mutable_location()->set_name(scalar_text(value));
    place.became(member, Became::status, "location");
  } else if (const auto* taken = find_taken(reading, name); taken != nullptr) {  // by its canonical name
    if (agrees(*taken, meaning_of(scalar_value(value)), place.unit_of(name)))
      return place.became(member, Became::same);
    std::string text;
    append_json(text, value);
    extra.add_json(raw_name(name), text);
    place.became(member, Became::kept, raw_name(name));
  } else {
    const auto& quantity = add_quantity(
        reading, {.name = name, .unit = place.unit_of(name), .source_field = name}, scalar_value(value));
    place.became(member, Became::quantity, quantity.name());
  }
}

void identify(Reading& reading, const json::key_value_pair* id, const json::key_value_pair* time,
              const Message& message, const Place& place) {
  if (id != nullptr) place.became(*id, Became::identity, "key");
  if (time != nullptr && time != id) place.became(*time, Became::time);
  reading.mutable_source()->set_adapter("json");
  const std::string named = id != nullptr ? scalar_text(id->value()) : std::string(last_level(message.topic));
  reading.set_sensor_id(to_utf8(trimmed(named)));
  if (time != nullptr) set_event_time(reading, time_value(time->value()), v1::TIME_SENSOR);
}

bool says_imperial(const json::value& headers) {
  const auto* const object = headers.if_object();
  const auto* const unit = object == nullptr ? nullptr : object->if_contains("unit");
  return unit != nullptr && unit->is_string() && unit->get_string() == "imperial";
}

Reading decode_event(const json::object& event, const json::object& value, const Message& message,
                     const Place& place) {
  Reading reading;
  const auto* const id = find_id(event, {"key"});
  const auto* const time = find_time(event, {"timestamp", "time", "ts"});
  identify(reading, id, time, message, place);
  JsonMembers extra;
  const auto* const headers = event.if_contains("headers");
  const bool imperial = headers != nullptr && says_imperial(*headers);
  const Place inside{message, place.path + "/value", imperial};
  for (const auto& member : value) add_member(reading, extra, member, inside);
  for (const auto& member : event) {
    if (&member == id || &member == time || member.key() == "value") continue;
    if (member.key() == "headers" && member.value().is_object()) {
      for (const auto& header : member.value().get_object()) {
        const bool unit = imperial && header.key() == "unit";
        if (message.account != nullptr)
          account_leaves(message.account,
                         child_pointer(child_pointer(place.path, "headers"), view(header.key())),
                         header.value(), unit ? Became::unit : Became::identity, unit ? "" : "header");
        if (unit) continue;  // not true of what is kept
        (*reading.mutable_headers())[std::string(view(header.key()))] = scalar_text(header.value());
      }
    } else {
      std::string text;
      append_json(text, member.value());
      extra.add_json(view(member.key()), text);
      place.became(member, Became::kept, view(member.key()));
    }
  }
  reading.set_extra_json(extra.take());
  return reading;
}

Reading decode_flat(const json::object& object, const Message& message, const Place& place) {
  Reading reading;
  const auto* const id = find_id(object, {"id", "sensor_id", "key"});
  const auto* const time = find_time(object, {"time", "timestamp", "ts"});
  identify(reading, id, time, message, place);
  JsonMembers extra;
  for (const auto& member : object) {
    if (&member != id && &member != time) add_member(reading, extra, member, place);
  }
  reading.set_extra_json(extra.take());
  return reading;
}

tl::expected<Reading, DecodeError> decode_object(const json::value& value, const Message& message,
                                                 const std::string& path) {
  const auto* const object = value.if_object();
  if (object == nullptr) return decode_error("not_object", "expected an object or an array of objects");
  const Place place{message, path};
  const auto* const inner = object->if_contains("value");
  Reading reading = inner != nullptr && inner->is_object()
                        ? decode_event(*object, inner->get_object(), message, place)
                        : decode_flat(*object, message, place);
  if (reading.sensor_id().empty()) {
    return decode_error("no_sensor_id", "no sensor id: expected a member id, sensor_id or key, or a topic");
  }
  if (reading.quantities().empty() && reading.extra_json().empty() && !reading.has_location()) {
    return decode_error("no_quantity", "no quantity beside id and time");
  }
  return reading;
}

}  // namespace

Decoded decode_json(const Message& message) {
  const auto document = JsonDocument::parse(message.payload);
  if (!document) return tl::unexpected(document.error());
  const json::value& root = document->root();
  std::vector<Reading> readings;
  const auto* const array = root.if_array();
  if (array == nullptr) {
    auto reading = decode_object(root, message, {});
    if (!reading) return tl::unexpected(std::move(reading).error());
    return one_reading(std::move(*reading));
  }
  if (array->empty()) return decode_error("no_quantity", "offset 0: the array has no element");
  if (array->size() > max_readings_per_payload) {
    return decode_error("too_many", std::to_string(array->size()) +
                                        " readings in one payload, the limit is " +
                                        std::to_string(max_readings_per_payload));
  }
  readings.reserve(array->size());
  for (const auto& element : *array) {
    auto reading = decode_object(element, message, "/" + std::to_string(readings.size()));
    if (!reading) {
      return decode_error(reading.error().reason,
                          "element " + std::to_string(readings.size()) + ": " + reading.error().text);
    }
    readings.push_back(std::move(*reading));
  }
  return readings;
}

}  // namespace weather::sensors
