#include "sensors/decoders/rtl_433.hpp"

#include <algorithm>
#include <iterator>
#include <optional>
#include <string>
#include <utility>

#include <boost/json/value.hpp>

#include "sensors/decoders/json_document.hpp"
#include "sensors/decoders/repeat_window.hpp"
#include "sensors/decoders/rtl_433_fields.hpp"
#include "sensors/reading/builder.hpp"
#include "sensors/reading/meaning.hpp"
#include "sensors/reading/number.hpp"
#include "sensors/reading/quantities.hpp"
#include "sensors/reading/units.hpp"

namespace weather::sensors {
namespace {

namespace json = boost::json;

bool is_number(const json::value& value) {
  return value.is_int64() || value.is_double() || value.is_uint64();
}

double number(const json::value& value) {
  return value.is_int64()    ? static_cast<double>(value.get_int64())
         : value.is_double() ? value.get_double()
                             : static_cast<double>(value.as_uint64());
}

struct EventTime {
  std::int64_t instant_ns = 0;   // unix ns
  std::int64_t relative_ns = 0;  // of a file without clock: "@0.13s"
};

EventTime event_time(const json::object& event) {
  const auto* const value = event.if_contains("time");
  if (value == nullptr) return {};
  if (const std::int64_t ns = time_value(*value); ns > 0) return {ns, 0};
  const auto* const string = value->if_string();
  if (string == nullptr) return {};
  std::string_view text{string->data(), string->size()};
  if (const auto seconds = parse_double(text)) {  // -M time:unix:usec writes a number as text
    return {time_value(json::value(*seconds)), 0};
  }
  if (text.starts_with('@') && text.ends_with('s')) {
    if (const auto seconds = parse_double(text.substr(1, text.size() - 2))) {
      return {0, 1 + static_cast<std::int64_t>(*seconds * 1e9)};
    }
  }
  return {};
}

std::string sensor_id(const json::object& event, std::string_view model) {
  std::string id = "rtl433:" + std::string(model);
  for (const char* name : {"channel", "id"}) {
    const auto* value = event.if_contains(name);
    if (value == nullptr && std::string_view(name) == "id") value = event.if_contains("sid");
    if (value != nullptr && is_scalar(*value) && !value->is_null()) id += ':' + scalar_text(*value);
  }
  return id;
}

bool is_volatile(std::string_view name) {
  return name == "time" || name == "seq" || name == "msg_counter" || name.starts_with("sequence") ||
         name.starts_with("seq_") || name == "rssi" || name == "snr" || name == "noise" || name == "mod" ||
         name.starts_with("freq") || name.starts_with("signal");
}

// Of everything that is the same when one telegram is heard several times.
std::uint64_t telegram_hash(const json::object& event) {
  std::uint64_t hash = 0;
  for (const auto& member : event) {
    const std::string_view name = view(member.key());
    if (is_volatile(name)) continue;
    hash = hash * 1099511628211ULL ^ std::hash<std::string_view>{}(name);
    hash = hash * 1099511628211ULL ^ std::hash<json::value>{}(member.value());
  }
  return hash;
}

class Event {
 public:
  Event(const json::object& event, std::string_view model, const Message& message)
      : event_(event),
        message_(message),
        kind_(kind_of(event, model)),
        globe_probe_(model == "Bresser-7in1"),
        no_humidity_(model.find("WT450") != model.npos) {}

  Reading reading(std::string_view model, const EventTime& time) {
    Reading reading;
    reading.mutable_source()->set_adapter("rtl_433");
    reading.mutable_source()->set_model(std::string(model));
    set_event_time(reading, time.instant_ns, v1::TIME_RECEIVER);
    JsonMembers extra;
    std::string text;  // one for all unknown fields
    for (const auto& member : event_) {
      const std::string_view name = view(member.key());
      if (names_sensor(name, member.value())) {
        became(member, Became::identity, "key");
        continue;
      }
      if (name == "time" && time.instant_ns > 0) {
        became(member, Became::time, "");
        continue;
      }
      if (add_link(reading, name, member.value())) {
        became(member, Became::status, name);
        continue;
      }
      if (const auto measured = add_measured(reading, name, member.value())) {
        became(member, *measured,
               *measured == Became::quantity ? std::string_view(reading.quantities().rbegin()->name()) : "");
        continue;
      }
      text.clear();
      append_json(text, member.value());
      // A quantity's name without its unit is a raw count.
      const bool quantity = find_quantity(canonical_name(name)) != nullptr;
      extra.add_json(quantity ? raw_name(name) : std::string(name), text);
      became(member, Became::kept, quantity ? raw_name(name) : std::string(name));
    }
    reading.set_extra_json(extra.take());
    return reading;
  }

 private:
  void became(const json::key_value_pair& member, Became became, std::string_view what) const {
    if (message_.account != nullptr)
      account_leaves(message_.account, child_pointer({}, view(member.key())), member.value(), became, what);
  }

  // As sensor_id() takes them: "sid" only without "id", and no object.
  bool names_sensor(std::string_view name, const json::value& value) const {
    if (name == "model") return true;
    if (name == "sid" && event_.contains("id")) return false;
    return (name == "id" || name == "sid" || name == "channel") && is_scalar(value) && !value.is_null();
  }

  static Rtl433Kind kind_of(const json::object& event, std::string_view model) {
    bool moisture = false, humidity = false;
    for (const auto& member : event) {
      const std::string_view name = view(member.key());
      if (name == "type" && member.value().is_string() && view(member.value().get_string()) == "TPMS")
        return Rtl433Kind::tyre;
      if (name.starts_with("pressure_") && is_of_a_tyre(name, member.value())) return Rtl433Kind::tyre;
      moisture |= name == "moisture";
      humidity |= name == "humidity";
    }
    const auto kind = rtl_433_kind(model);
    return kind == Rtl433Kind::station && moisture && !humidity ? Rtl433Kind::soil : kind;
  }

  // No barometer says more than 1200 hPa, and none of theirs speaks of PSI.
  static bool is_of_a_tyre(std::string_view name, const json::value& value) {
    constexpr std::pair<std::string_view, double> highest[] = {
        {"pressure_kPa", 120}, {"pressure_PSI", 17.4}, {"pressure_psi", 17.4}, {"pressure_bar", 1.2}};
    const auto* const found = std::ranges::find(highest, name, &std::pair<std::string_view, double>::first);
    return found != std::end(highest) &&
           weather::sensors::number_of(meaning_of(scalar_value(value))) > found->second;
  }

  static bool add_link(Reading& reading, std::string_view name, const json::value& value) {
    auto ratio = std::optional<double>();
    if (name == "battery_ok" && is_number(value)) ratio = number(value);
    if (name == "battery_pct" && is_number(value)) ratio = number(value) / 100;
    if (name == "battery_low" && is_number(value)) ratio = number(value) != 0 ? 0 : 1;
    if (name == "battery" && value.is_string()) {
      if (view(value.get_string()) == "OK") ratio = 1;
      if (view(value.get_string()) == "LOW") ratio = 0;
    }
    if (ratio) {
      reading.mutable_link()->set_battery_ratio(static_cast<float>(*ratio));
      if (*ratio < 0.2) reading.set_flags(reading.flags() | v1::FLAG_BATTERY_LOW);
    } else if (name == "rssi" && is_number(value)) {
      reading.mutable_link()->set_rssi_dbm(static_cast<float>(number(value)));
    } else if (name == "snr" && is_number(value)) {
      reading.mutable_link()->set_snr_db(static_cast<float>(number(value)));
    } else {
      return false;
    }
    return true;
  }

  // Nothing: it is kept as it came.
  std::optional<Became> add_measured(Reading& reading, std::string_view name,
                                     const json::value& value) const {
    if (!is_scalar(value) || value.is_bool() || is_beyond_quantity(value)) return std::nullopt;
    Value sent = meaning_of(scalar_value(value));
    const auto field = parse_rtl_433_field(name);
    const Rtl433Type* type = find_rtl_433_type(field.type);
    const std::string_view said = type == nullptr ? "" : take_said_unit(sent);  // by the value itself
    const bool missing = std::holds_alternative<std::monostate>(sent) && type != nullptr;
    if (!weather::sensors::is_number(sent) && !missing) return std::nullopt;
    if (is_raw_uv(name, sent)) return std::nullopt;
    const bool bare = field.unit.empty() && said.empty();
    if (bare && (type == nullptr || type->unit.empty())) return std::nullopt;
    if (no_humidity_ && field.type == "humidity" && is_number(value) && number(value) == 0)
      return std::nullopt;
    const std::string_view assumed = type == nullptr ? "" : assumed_unit(message_, type->name);
    const std::string_view unit = !said.empty()       ? said
                                  : !bare             ? field.unit
                                  : !assumed.empty()  ? assumed
                                  : type->unit == "-" ? ""
                                                      : type->unit;
    // "light_pct" is of the type light, but no illuminance.
    if (type != nullptr && !bare && !are_convertible(unit, canonical_unit(type->name))) type = nullptr;
    std::string tyre;
    std::string_view quantity = type != nullptr ? type->name : field.type;
    std::string_view part = field.part;
    if (quantity == "air_temperature" && globe_probe_ && part == "1") {
      quantity = rtl_433_temperature(Rtl433Kind::globe);
      part = {};
    } else if (quantity == "air_temperature" && kind_ != Rtl433Kind::station) {
      quantity = rtl_433_temperature(kind_);
    } else if (kind_ == Rtl433Kind::tyre) {
      quantity = tyre = "tyre_" + std::string(field.type);
    }
    const auto stat = type != nullptr && kind_ != Rtl433Kind::tyre ? type->stat : v1::STAT_INSTANT;
    // "light_lux" beside "light_klx": the same in another form.
    if (const auto* taken = find_taken(reading, quantity, part, stat); taken != nullptr) {
      if (!agrees(*taken, sent, unit)) return std::nullopt;
      return Became::same;
    }
    add_quantity(reading, {.name = quantity, .unit = unit, .part = part, .source_field = name, .stat = stat},
                 sent);
    return Became::quantity;
  }

  // Beside the index, and above every index, it is the count of the light sensor.
  bool is_raw_uv(std::string_view name, const Value& sent) const {
    constexpr double highest_index = 25;
    return name == "uv" && (event_.contains("uvi") || event_.contains("uv_index") ||
                            weather::sensors::number_of(sent) > highest_index);
  }

  const json::object& event_;
  const Message& message_;
  const Rtl433Kind kind_;
  const bool globe_probe_;  // its second thermometer sits in a black globe
  const bool no_humidity_;  // a WT450 without hygrometer sends humidity 0
};

// rtl_433 also writes statistics and, with -F json -v, its log: no sensor said that.
bool about_itself(const json::object& event) {
  return event.contains("stats") || event.contains("enabled") ||
         (event.contains("src") && event.contains("msg"));
}

Decoded decode(const Message& message, RepeatWindow& repeats) {
  const auto document = JsonDocument::parse(message.payload);
  if (!document) return tl::unexpected(document.error());
  const auto* const event = document->root().if_object();
  if (event == nullptr)
    return tl::unexpected(DecodeError{"not_object", "expected one rtl_433 event, an object"});
  const auto* const model = event->if_contains("model");
  if (model == nullptr || !model->is_string()) {
    if (about_itself(*event)) return std::vector<Reading>{};
    return tl::unexpected(DecodeError{"no_model", "an rtl_433 event has a member \"model\""});
  }
  const std::string_view name{model->get_string().data(), model->get_string().size()};
  const auto time = event_time(*event);
  std::string id = sensor_id(*event, name);
  const std::int64_t heard = time.instant_ns > 0    ? time.instant_ns
                             : time.relative_ns > 0 ? time.relative_ns
                                                    : message.received_ns;
  if (!message.again && !message.duplicate && repeats.repeated(telegram_hash(*event), heard)) {
    repeats.count(id);
    return std::vector<Reading>{};
  }
  std::vector<Reading> readings;
  readings.push_back(Event(*event, name, message).reading(name, time));
  if (const auto count = repeats.take_count(id); count > 0)
    readings.back().mutable_link()->set_repeats(count);
  readings.back().set_sensor_id(std::move(id));
  return readings;
}

}  // namespace

Decoder rtl_433_decoder(std::chrono::nanoseconds repeat_window) {
  return [repeats = std::make_shared<RepeatWindow>(repeat_window)](const Message& message) {
    return decode(message, *repeats);
  };
}

tl::expected<Decoder, std::string> make_rtl_433(const DecoderSettings& settings) {
  std::chrono::milliseconds window = default_repeat_window;
  for (const auto& [name, value] : settings) {
    const auto number = parse_double(value);
    if (name != "repeat_window_ms") return tl::unexpected("rtl_433 has no setting \"" + name + '"');
    if (!number || *number < 0 || *number > 3'600'000) {
      return tl::unexpected("repeat_window_ms must be between 0 and 3600000, not \"" + value + '"');
    }
    window = std::chrono::milliseconds(static_cast<std::int64_t>(*number));
  }
  return rtl_433_decoder(window);
}

}  // namespace weather::sensors
