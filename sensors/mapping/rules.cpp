#include "sensors/mapping/rules.hpp"

#include <algorithm>
#include <optional>
#include <stdexcept>

#include "sensors/reading/builder.hpp"
#include "sensors/reading/quantities.hpp"
#include "sensors/reading/units.hpp"

namespace weather::sensors {
namespace {

std::string expand(std::string_view text, const Captures& captures) {
  std::string out;
  expand_template(
      text,
      [&](std::string_view name, std::string& to) {
        if (const auto* value = find_capture(captures, name)) to += *value;
        return true;
      },
      out);
  return out;
}

std::optional<double> as_double(const Value& value) {
  if (const auto* number = std::get_if<double>(&value)) return *number;
  if (const auto* integer = std::get_if<std::int64_t>(&value)) return static_cast<double>(*integer);
  return std::nullopt;
}

std::optional<bool> as_boolean(const Value& value) {
  if (const auto* boolean = std::get_if<bool>(&value)) return *boolean;
  if (const auto number = as_double(value)) return *number != 0;
  if (const auto* text = std::get_if<std::string_view>(&value)) {
    if (*text == "on" || *text == "ON" || *text == "true" || *text == "low") return true;
    if (*text == "off" || *text == "OFF" || *text == "false" || *text == "ok" || *text == "OK") return false;
  }
  return std::nullopt;
}

struct Unit {
  std::string ucum;  // empty: the canonical one
  bool known = true;
  std::string said_by;  // for the note
  std::optional<std::size_t> leaf;
};

class Applier {
 public:
  Applier(std::span<const FieldRule> rules, std::span<const Leaf> leaves, const Captures& captures,
          const ReadingOf& reading_of, bool with_notes)
      : rules_(rules),
        leaves_(leaves),
        captures_(captures),
        reading_of_(reading_of),
        with_notes_(with_notes) {
    out_.consumed.resize(leaves.size());
  }

  Application run() {
    for (std::size_t i = 0; i < leaves_.size(); ++i) {
      const auto before = captures_.size();
      const auto rule =
          std::ranges::find_if(rules_, [&](const FieldRule& r) { return matches(r, leaves_[i]); });
      if (rule == rules_.end())
        note(i, "kept in extra_json: no rule for it");
      else
        take(i, *rule);
      captures_.resize(before);
    }
    return std::move(out_);
  }

 private:
  void note(std::size_t leaf, std::string text) {
    if (with_notes_) out_.notes.push_back({leaf, std::move(text)});
  }

  // "rain_total" is not for the rule "rain_{unit}": a {unit} must be a unit.
  bool matches(const FieldRule& rule, const Leaf& leaf) {
    const auto before = captures_.size();
    if (!rule.path.match(leaf.path, captures_)) return false;
    const auto* unit = find_capture(captures_, "unit");
    if (unit == nullptr || rule.units.contains(*unit) || !ucum_from_spelling(*unit).empty()) return true;
    captures_.resize(before);
    return false;
  }

  void take(std::size_t i, const FieldRule& rule) {
    if (rule.target == Target::drop) {
      out_.consumed[i] = true;
      return note(i, "left out, as rule " + rule.path.text() + " says");
    }
    auto* reading = reading_of_(captures_);
    if (reading == nullptr) return note(i, "kept in extra_json: no sensor id can be made for it");
    const auto value = meaning(leaves_[i].value);
    if (rule.target == Target::quantity)
      take_quantity(i, rule, value, *reading);
    else
      take_other(i, rule, value, *reading);
  }

  Unit unit_of(const Leaf& leaf, const FieldRule& rule) const {
    std::optional<std::string> said;
    Unit out;
    if (!leaf.unit.empty()) {
      said = leaf.unit;
      out.said_by = ", unit from the source";
    } else if (!rule.unit_from.empty()) {
      const auto pointer = expand(rule.unit_from, captures_);
      for (std::size_t i = 0; i < leaves_.size() && !said; ++i) {
        if (path_text(leaves_[i]) != pointer) continue;
        out.leaf = i;
        const auto* text = std::get_if<std::string>(&leaves_[i].value);
        said = text != nullptr ? *text : value_text(leaves_[i].value);
        out.said_by = ", unit from " + pointer;
      }
    } else if (const auto* captured = find_capture(captures_, "unit")) {
      said = *captured;
    }
    if (said) {
      const auto listed = rule.units.find(*said);
      const std::string spelling = listed != rule.units.end() ? listed->second : *said;
      out.ucum = ucum_from_spelling(spelling);
      out.known = !out.ucum.empty();
      if (!out.known) out.ucum = spelling;
      return out;
    }
    out.ucum = ucum_from_spelling(rule.unit);
    if (out.ucum.empty()) out.ucum = rule.unit;
    return out;
  }

  void take_quantity(std::size_t i, const FieldRule& rule, Value value, v1::Reading& reading) {
    const auto name = expand(rule.quantity, captures_);
    const auto part = expand(rule.part.empty() ? "{part}" : rule.part, captures_);
    const std::string canonical(canonical_name(name));
    const auto same = [&](const v1::Quantity& q) {
      return q.name() == canonical && q.part() == part && q.stat() == rule.stat;
    };
    if (std::ranges::any_of(reading.quantities(), same))
      return note(i,
                  "kept in extra_json: " + canonical + " is taken already, this is the same in another form");
    const auto number = as_double(value);
    const bool missing = std::holds_alternative<std::monostate>(value) ||
                         (number && std::ranges::find(rule.missing, *number) != rule.missing.end());
    if (!missing && !number && find_quantity(canonical) != nullptr)
      return note(i, "kept in extra_json: " + canonical + " is a number, this is not");

    const auto unit = unit_of(leaves_[i], rule);
    if (missing) value = std::monostate{};
    if (!missing && number && (rule.scale != 1 || rule.offset != 0))
      value = *number * rule.scale + rule.offset;
    const auto field = path_text(leaves_[i]);
    auto& quantity = add_quantity(reading,
                                  {.name = name,
                                   .unit = unit.ucum,
                                   .part = part,
                                   .source_field = field,
                                   .stat = rule.stat,
                                   .period_s = rule.period_s},
                                  value);
    if (missing) quantity.set_quality(v1::QUALITY_MISSING);
    if (missing && number) quantity.set_qc(quantity.qc() | v1::QC_SENTINEL);
    if (!unit.known) {
      quantity.set_qc(quantity.qc() | v1::QC_UNIT_SUSPECT);
      quantity.set_quality(v1::QUALITY_DOUBTFUL);
    }
    if (unit.leaf && unit.known) out_.consumed[*unit.leaf] = true;
    out_.consumed[i] = true;
    ++out_.quantities;
    if (with_notes_) note(i, describe(quantity, rule, unit));
  }

  static std::string describe(const v1::Quantity& q, const FieldRule& rule, const Unit& unit) {
    std::string out = q.name() + " ";
    append_json_value(out, value_of(q));
    const std::string symbol(q.unit().empty() ? canonical_unit(q.name()) : q.unit());
    if (!symbol.empty()) out += " " + symbol;
    if (!q.part().empty()) out += ", part \"" + q.part() + "\"";
    if (q.quality() == v1::QUALITY_MISSING) out += ", missing: the source had no value";
    if (!unit.known) out += ", doubtful: nobody knows the unit \"" + unit.ucum + "\"";
    return out + " (rule " + rule.path.text() + unit.said_by + ")";
  }

  void take_other(std::size_t i, const FieldRule& rule, const Value& value, v1::Reading& reading) {
    if (std::holds_alternative<std::monostate>(value)) return note(i, "kept in extra_json: it has no value");
    if (!set_other(rule, value, reading))
      return note(i, "kept in extra_json: not what rule " + rule.path.text() + " can use");
    out_.consumed[i] = true;
    note(i, "about the device, not a quantity (rule " + rule.path.text() + ")");
  }

  static bool set_other(const FieldRule& rule, const Value& value, v1::Reading& reading) {
    if (rule.target == Target::model || rule.target == Target::firmware) {
      const auto* text = std::get_if<std::string_view>(&value);
      if (text == nullptr) return false;
      auto& source = *reading.mutable_source();
      rule.target == Target::model ? source.set_model(to_utf8(*text)) : source.set_firmware(to_utf8(*text));
      return true;
    }
    if (rule.target == Target::battery_low || rule.target == Target::battery_ok) {
      const auto boolean = as_boolean(value);
      if (boolean && *boolean == (rule.target == Target::battery_low))
        reading.set_flags(reading.flags() | v1::FLAG_BATTERY_LOW);
      return boolean.has_value();
    }
    const auto number = as_double(value);
    if (!number) return false;
    set_number(rule, *number * rule.scale + rule.offset, reading);
    return true;
  }

  static void set_number(const FieldRule& rule, double number, v1::Reading& reading) {
    const auto in = [&](std::string_view source_default, std::string_view target) {
      const auto unit = rule.unit.empty() ? source_default : ucum_from_spelling(rule.unit);
      return static_cast<float>(convert(number, unit, target).value_or(number));
    };
    switch (rule.target) {
      case Target::rssi_dbm:
        reading.mutable_link()->set_rssi_dbm(static_cast<float>(number));
        break;
      case Target::snr_db:
        reading.mutable_link()->set_snr_db(static_cast<float>(number));
        break;
      case Target::battery_v:
        reading.mutable_link()->set_battery_v(in("V", "V"));
        break;
      case Target::battery_ratio:
        reading.mutable_link()->set_battery_ratio(in("%", "1"));
        break;
      case Target::latitude:
        reading.mutable_location()->set_latitude(number);
        break;
      case Target::longitude:
        reading.mutable_location()->set_longitude(number);
        break;
      case Target::altitude_m:
        reading.mutable_location()->set_altitude_m(number);
        break;
      case Target::sequence:
        if (number >= 0 && number < 9e15) reading.set_source_sequence(static_cast<std::uint64_t>(number) + 1);
        break;
      default:
        break;
    }
  }

  std::span<const FieldRule> rules_;
  std::span<const Leaf> leaves_;
  Captures captures_;
  const ReadingOf& reading_of_;
  bool with_notes_;
  Application out_;
};

struct CommonName {
  std::string_view field, quantity;
};
// Beside the canonical names and aliases themselves.
constexpr CommonName spellings[] = {
    {"temp", "air_temperature"},
    {"Temperature", "air_temperature"},
    {"temperature_c", "air_temperature"},
    {"airTemperature", "air_temperature"},
    {"hum", "relative_humidity"},
    {"Humidity", "relative_humidity"},
    {"airHumidity", "relative_humidity"},
    {"Pressure", "air_pressure"},
    {"barometer", "air_pressure"},
    {"barometricPressure", "air_pressure"},
    {"windSpeed", "wind_speed"},
    {"windGust", "wind_speed_of_gust"},
    {"windDirection", "wind_from_direction"},
    {"wind_dir", "wind_from_direction"},
    {"lux", "illuminance"},
    {"light", "illuminance"},
    {"uv", "ultraviolet_index"},
    {"uvIndex", "ultraviolet_index"},
    {"CO2", "co2"},
    {"pm25", "pm2p5"},
    {"PM2_5", "pm2p5"},
    {"PM10", "pm10"},
    {"soilMoisture", "soil_moisture"},
    {"soilTemperature", "soil_temperature"},
    {"solarRadiation", "surface_downwelling_shortwave_flux_in_air"},
    {"dewPoint", "dew_point_temperature"},
};

FieldRule must(tl::expected<FieldRule, std::string> rule) {
  if (!rule) throw std::logic_error(rule.error());
  return std::move(*rule);
}

}  // namespace

Application apply_rules(std::span<const FieldRule> rules, std::span<const Leaf> leaves,
                        const Captures& captures, const ReadingOf& reading_of, bool with_notes) {
  return Applier(rules, leaves, captures, reading_of, with_notes).run();
}

std::vector<FieldRule> common_names() {
  std::vector<FieldRule> out;
  const auto add = [&](std::string_view field, std::string_view quantity) {
    for (const std::string_view above : {"/", "/{part}/", "/*/{part}/", "/*/*/{part}/"})
      out.push_back(must(make_rule(std::string(above) + std::string(field), quantity)));
  };
  for (const auto& info : known_quantities()) {
    add(info.name, info.name);
    if (info.alias != info.name) add(info.alias, info.name);
  }
  for (const auto& [field, quantity] : spellings) add(field, quantity);
  return out;
}

tl::expected<FieldRule, std::string> make_rule(std::string_view pointer, std::string_view quantity,
                                               std::string_view unit) {
  auto path = Pattern::pointer(pointer);
  if (!path) return tl::unexpected(path.error());
  FieldRule out;
  out.path = std::move(*path);
  out.quantity = quantity;
  out.unit = unit;
  return out;
}

}  // namespace weather::sensors
