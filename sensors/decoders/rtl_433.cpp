#include "sensors/decoders/rtl_433.hpp"

#include <optional>
#include <string>
#include <utility>

#include <boost/json/value.hpp>

#include "sensors/decoders/json_document.hpp"
#include "sensors/decoders/repeat_window.hpp"
#include "sensors/reading/builder.hpp"
#include "sensors/reading/meaning.hpp"
#include "sensors/reading/number.hpp"
#include "sensors/reading/quantities.hpp"
#include "sensors/reading/units.hpp"

namespace weather::sensors {
namespace {

namespace json = boost::json;

struct Suffix {
  std::string_view text, unit;
};
// A longer one stands before one it ends with.
constexpr Suffix suffixes[] = {
    {"_km_h", "km/h"},
    {"_mi_h", "[mi_i]/h"},
    {"_mm_h", "mm/h"},
    {"_in_h", "[in_i]/h"},
    {"_m_s", "m/s"},
    {"_ug_m3", "ug/m3"},
    {"_W_m2", "W/m2"},
    {"_hPa", "hPa"},
    {"_kPa", "kPa"},
    {"_PSI", "[psi]"},
    {"_psi", "[psi]"},
    {"_bar", "bar"},
    {"_inHg", "[in_i'Hg]"},
    {"_deg", "deg"},
    {"_klux", "klx"},
    {"_klx", "klx"},
    {"_lux", "lx"},
    {"_lx", "lx"},
    {"_ppm", "[ppm]"},
    {"_ppb", "[ppb]"},
    {"_mV", "mV"},
    {"_V", "V"},
    {"_mm", "mm"},
    {"_cm", "cm"},
    {"_km", "km"},
    {"_inch", "[in_i]"},
    {"_in", "[in_i]"},
    {"_kph", "km/h"},
    {"_mph", "[mi_i]/h"},
    {"_kts", "[kn_i]"},
    {"_kWh", "kW.h"},
    {"_kW", "kW"},
    {"_W", "W"},
    {"_mA", "mA"},
    {"_A", "A"},
    {"_C", "Cel"},
    {"_F", "[degF]"},
    {"_pct", "%"},
};

struct Type {
  std::string_view type, name;
  v1::Stat stat = v1::STAT_INSTANT;
  std::string_view unit = {};  // of a field without suffix; "-" where a bare number is meant so
};
// Of docs/DATA_FORMAT.md, and what versions before 2019 and single decoders say instead.
constexpr Type types[] = {
    {"temperature", "air_temperature"},
    {"temp", "air_temperature"},
    {"humidity", "relative_humidity", v1::STAT_INSTANT, "%"},
    {"wind_avg", "wind_speed", v1::STAT_MEAN},
    {"wind_speed", "wind_speed", v1::STAT_MEAN},
    {"wind_speed_ms", "wind_speed", v1::STAT_MEAN, "m/s"},  // not milliseconds
    {"average_ms", "wind_speed", v1::STAT_MEAN, "m/s"},
    {"wind_gust_ms", "wind_speed_of_gust", v1::STAT_INSTANT, "m/s"},
    {"gust_speed_ms", "wind_speed_of_gust", v1::STAT_INSTANT, "m/s"},
    {"wind_spd", "wind_speed", v1::STAT_MEAN},
    {"average", "wind_speed", v1::STAT_MEAN},
    {"wind_max", "wind_speed_of_gust"},
    {"wind_gust", "wind_speed_of_gust"},
    {"gust", "wind_speed_of_gust"},
    {"wind_dir", "wind_from_direction", v1::STAT_INSTANT, "deg"},
    {"wind_direction", "wind_from_direction", v1::STAT_INSTANT, "deg"},
    {"direction", "wind_from_direction"},
    {"rain", "thickness_of_rainfall_amount", v1::STAT_COUNTER},
    {"rain_total", "thickness_of_rainfall_amount", v1::STAT_COUNTER},
    {"rainfall", "thickness_of_rainfall_amount", v1::STAT_COUNTER},
    {"rain_rate", "rainfall_rate"},
    {"pressure", "air_pressure"},
    {"light", "illuminance"},
    {"lux", "illuminance", v1::STAT_INSTANT, "lx"},
    {"uv", "ultraviolet_index", v1::STAT_INSTANT, "-"},
    {"uvi", "ultraviolet_index", v1::STAT_INSTANT, "-"},
    {"uv_index", "ultraviolet_index", v1::STAT_INSTANT, "-"},
    {"radiation", "surface_downwelling_shortwave_flux_in_air"},
    {"solar", "surface_downwelling_shortwave_flux_in_air"},
    {"moisture", "soil_moisture", v1::STAT_INSTANT, "%"},
    {"strike_count", "lightning_strike_count", v1::STAT_COUNTER, "-"},
    {"strikes", "lightning_strike_count", v1::STAT_COUNTER, "-"},
    {"storm_dist", "lightning_distance"},
    {"co2", "co2"},
    {"pm1", "pm1"},
    {"pm1_0", "pm1"},
    {"pm4_0", "pm4"},
    {"pm2_5", "pm2p5"},
    {"pm4", "pm4"},
    {"pm10", "pm10"},
    {"pm10_0", "pm10"},
    {"estimated_pm10_0", "pm10"},
    {"battery", "battery_voltage"},
};

std::string_view view(json::string_view text) {
  return {text.data(), text.size()};
}

const Type* find_type(std::string_view type) {
  for (const auto& known : types) {
    if (known.type == type) return &known;
  }
  return nullptr;
}

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
        tyre_(is_tyre(event, model)),
        no_humidity_(model.find("WT450") != model.npos) {}

  Reading reading(std::string_view model, const EventTime& time) {
    Reading reading;
    reading.mutable_source()->set_adapter("rtl_433");
    reading.mutable_source()->set_model(std::string(model));
    set_event_time(reading, time.instant_ns, v1::TIME_RECEIVER);
    JsonMembers extra;
    std::string text;  // one for all fields nobody knows
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
      if (add_measured(reading, name, member.value())) {
        became(member, Became::quantity, reading.quantities().rbegin()->name());
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

  static bool is_tyre(const json::object& event, std::string_view model) {
    const auto* const type = event.if_contains("type");
    return model.find("TPMS") != model.npos ||
           (type != nullptr && type->is_string() && view(type->get_string()) == "TPMS");
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

  bool add_measured(Reading& reading, std::string_view name, const json::value& value) const {
    if (!is_scalar(value) || value.is_bool() || is_beyond_quantity(value)) return false;
    const Value sent = meaning_of(scalar_value(value));
    const auto field = parse_rtl_433_field(name);
    const Type* type = find_type(field.type);
    const bool missing = std::holds_alternative<std::monostate>(sent) && type != nullptr;
    if (!weather::sensors::is_number(sent) && !missing) return false;
    // Beside the index it is the count of the light sensor.
    if (name == "uv" && (event_.contains("uvi") || event_.contains("uv_index"))) return false;
    const bool bare = field.unit.empty();
    if (bare && (type == nullptr || type->unit.empty())) return false;
    if (no_humidity_ && field.type == "humidity" && is_number(value) && number(value) == 0) return false;
    const std::string_view assumed = type == nullptr ? "" : assumed_unit(message_, type->name);
    const std::string_view unit = !bare               ? field.unit
                                  : !assumed.empty()  ? assumed
                                  : type->unit == "-" ? ""
                                                      : type->unit;
    // "light_pct" is of the type light, but no illuminance.
    if (type != nullptr && !bare && !are_convertible(unit, canonical_unit(type->name))) type = nullptr;
    std::string tyre;
    if (tyre_) tyre = "tyre_" + std::string(field.type);
    const std::string_view quantity = tyre_             ? std::string_view(tyre)
                                      : type != nullptr ? type->name
                                                        : field.type;
    const auto stat = type != nullptr && !tyre_ ? type->stat : v1::STAT_INSTANT;
    // "light_lux" beside "light_klx": the same in another form.
    if (is_taken(reading, quantity, field.part, stat)) return false;
    add_quantity(reading,
                 {.name = quantity, .unit = unit, .part = field.part, .source_field = name, .stat = stat},
                 sent);
    return true;
  }

  const json::object& event_;
  const Message& message_;
  const bool tyre_;
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

Rtl433Field parse_rtl_433_field(std::string_view name) {
  Rtl433Field field{name, {}, {}};
  for (const auto& [text, unit] : suffixes) {
    if (name.size() > text.size() && name.ends_with(text)) {
      field.type.remove_suffix(text.size());
      field.unit = unit;
      break;
    }
  }
  if (find_type(field.type) != nullptr) return field;
  const auto digits = field.type.find_last_not_of("0123456789");
  if (digits == std::string_view::npos || digits + 1 == field.type.size()) return field;
  const bool separated = field.type[digits] == '_';
  const std::string_view type = field.type.substr(0, separated ? digits : digits + 1);
  if (!separated && find_type(type) == nullptr) return field;  // "co2" and "uv400" are names
  field.part = field.type.substr(digits + 1);
  field.type = type;
  return field;
}

std::vector<std::pair<std::string_view, std::string_view>> rtl_433_quantities() {
  std::vector<std::pair<std::string_view, std::string_view>> out;
  for (const auto& type : types)
    out.emplace_back(type.name, type.unit == "-" ? std::string_view{} : type.unit);
  return out;
}

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
