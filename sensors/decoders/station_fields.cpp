#include "sensors/decoders/station_fields.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <optional>
#include <string>
#include <utility>

#include "sensors/account.hpp"
#include "sensors/reading/builder.hpp"
#include "sensors/reading/letters.hpp"
#include "sensors/reading/meaning.hpp"
#include "sensors/reading/number.hpp"
#include "sensors/reading/quantities.hpp"
#include "sensors/reading/time.hpp"
#include "sensors/reading/units.hpp"

namespace weather::sensors {
namespace {

// What a barometer says in hPa, and never in inches of mercury.
constexpr double lowest_hectopascals = 300, highest_hectopascals = 1100;
// No air is hotter.
constexpr double highest_celsius = 60;

bool is_no_sensor(double value, std::string_view quantity) {
  return value == no_sensor || (value == 65'535 && quantity != "illuminance");
}

// The digits that '#' stands for, or nothing if the name does not match the pattern.
std::optional<std::string_view> match(std::string_view pattern, std::string_view name) {
  const auto hash = pattern.find('#');
  if (hash == std::string_view::npos) {
    return pattern == name ? std::optional<std::string_view>("") : std::nullopt;
  }
  const auto before = pattern.substr(0, hash), after = pattern.substr(hash + 1);
  if (name.size() <= before.size() + after.size()) return std::nullopt;
  if (!name.starts_with(before) || !name.ends_with(after)) return std::nullopt;
  const auto digits = name.substr(before.size(), name.size() - before.size() - after.size());
  if (digits.find_first_not_of("0123456789") != std::string_view::npos) return std::nullopt;
  return digits;
}

struct Match {
  const StationField* field = nullptr;
  std::string part;
  std::string_view unit;  // by the name
};

std::string with_digits(std::string_view pattern, std::string_view digits) {
  std::string out(pattern);
  if (const auto hash = out.find('#'); hash != std::string::npos) out.replace(hash, 1, digits);
  return out;
}

Match find_exactly(std::span<const StationField> fields, std::string_view name) {
  for (const auto& field : fields) {
    const auto digits = match(field.field, name);
    if (!digits) continue;
    return {&field, with_digits(field.part, *digits), field.unit};
  }
  return {};
}

// Programs that feed the same protocols in metric units say so at the end of the name: "tempc" is "tempf".
Match find(std::span<const StationField> fields, std::string_view name) {
  if (auto found = find_exactly(fields, name); found.field != nullptr) return found;
  constexpr struct {
    std::string_view metric, imperial, unit;
  } forms[] = {{"kmh", "mph", "km/h"}, {"kph", "mph", "km/h"}, {"kts", "mph", "[kn_i]"}, {"ms", "mph", "m/s"},
               {"hpa", "in", "hPa"},   {"mbar", "in", "mbar"}, {"mb", "in", "mbar"},     {"mm", "in", "mm"},
               {"mm", "in", "mm/h"},   {"c", "f", "Cel"}};
  for (const auto& [metric, imperial, unit] : forms) {
    if (!name.ends_with(metric)) continue;
    const auto same = std::string(name.substr(0, name.size() - metric.size())) + std::string(imperial);
    auto found = find_exactly(fields, same);
    if (found.field == nullptr || !are_convertible(unit, canonical_unit(found.field->name))) continue;
    found.unit = unit;
    return found;
  }
  return {};
}

Value as_value(const std::variant<std::int64_t, double>& number) {
  if (const auto* integer = std::get_if<std::int64_t>(&number)) return *integer;
  return std::get<double>(number);
}

bool is_hectopascals(const Match& found, double value) {
  return found.unit == "[in_i'Hg]" && value >= lowest_hectopascals && value <= highest_hectopascals;
}

// Metric firmware sends metric values under imperial names, and the barometer tells. A temperature that is
// none in Celsius tells that only the barometer is in another unit.
bool says_metric(const std::vector<FormField>& fields, const StationRules& rules) {
  bool hectopascals = false;
  for (const auto& field : fields) {
    const auto found = find(rules.fields, lower(field.name));
    const auto value = found.field == nullptr ? std::nullopt : parse_double(field.value);
    if (!value) continue;
    hectopascals |= is_hectopascals(found, *value);
    if (found.unit == "[degF]" && *value > highest_celsius && *value < 1000) return false;
  }
  return hectopascals;
}

void add_missing(v1::Reading& reading, const Field& field, double value) {
  auto& quantity = add_quantity(reading, field, std::monostate{});
  quantity.clear_unit();
  quantity.set_quality(v1::QUALITY_MISSING);
  quantity.set_qc(v1::QC_SENTINEL);
  quantity.set_src_field(to_utf8(field.source_field));
  quantity.set_src_value(value);
}

void add_suspect(v1::Reading& reading, Field field, const Value& value, double number) {
  field.unit = {};
  auto& quantity = add_quantity(reading, field, value);
  quantity.set_quality(v1::QUALITY_DOUBTFUL);
  quantity.set_qc(v1::QC_UNIT_SUSPECT);
  quantity.set_src_field(to_utf8(field.source_field));
  quantity.set_src_value(number);
}

class Station {
 public:
  Station(v1::Reading& reading, const std::vector<FormField>& fields, const StationRules& rules,
          const Message& message)
      : reading_(reading),
        fields_(fields),
        rules_(rules),
        message_(message),
        metric_(says_metric(fields, rules)) {}

  void read() {
    for (const auto& field : fields_) {
      const auto name = lower(field.name);
      if (!is_consumed(name, field) && !add_measured(name, field) && !add_battery(name, field)) keep(field);
    }
    reading_.set_extra_json(extra_.take());
  }

 private:
  void became(const FormField& field, Became became, std::string_view what) const {
    if (message_.account != nullptr) message_.account->add(field.name, became, std::string(what));
  }

  bool is_consumed(const std::string& name, const FormField& field) const {
    if (is_secret_field(name)) {
      became(field, Became::dropped, drop_reason::secret);
      return true;
    }
    const auto found = std::ranges::find(rules_.consumed, name, &ConsumedField::field);
    if (found == rules_.consumed.end() || find_field(fields_, name) != &field) return false;
    if (found->became == Became::time && reading_.event_time_ns() == 0 && field.value != "now") return false;
    if (found->became == Became::status && field.value.empty()) return false;
    became(field, found->became, found->what);
    return true;
  }

  bool add_measured(const std::string& name, const FormField& sent) {
    const auto found = find(rules_.fields, name);
    if (found.field == nullptr || trimmed(sent.value).empty()) return false;
    Value meant = meaning_of_text(sent.value);
    std::string_view unit = assumed_unit(message_, found.field->name);
    bool said = !unit.empty();
    if (!said) unit = found.unit;
    if (const auto of_value = take_said_unit(meant); !of_value.empty()) {
      unit = of_value;
      said = true;
    }
    const auto number = number_of(meant);
    if (!number && !std::holds_alternative<std::monostate>(meant)) return false;
    if (number && unit == "s" && *number > 1e11) unit = "ms";  // a time of the day it happened
    const Field field{.name = found.field->name,
                      .unit = unit,
                      .part = found.part,
                      .source_field = sent.name,
                      .stat = found.field->stat,
                      .period_s = found.field->period_s};
    if (const auto* taken = find_taken(reading_, field.name, field.part, field.stat); taken != nullptr) {
      if (!agrees(*taken, meant, field.unit)) return false;
      became(sent, Became::same, {});
      return true;
    }
    const bool in_its_unit = said || unit.empty() || unit == canonical_unit(field.name) ||
                             find_quantity(field.name) == nullptr || found.unit != found.field->unit;
    if (!number) {
      add_quantity(reading_, field, std::monostate{}).set_quality(v1::QUALITY_MISSING);
    } else if (is_no_sensor(*number, field.name)) {
      add_missing(reading_, field, *number);
    } else if (!in_its_unit && (metric_ || is_hectopascals(found, *number))) {
      add_suspect(reading_, field, meant, *number);
    } else {
      add_quantity(reading_, field, meant);
    }
    became(sent, Became::quantity, field.name);
    return true;
  }

  bool add_battery(const std::string& name, const FormField& sent) {
    const auto number = number_of(meaning_of_text(sent.value));
    if (!number) return false;
    for (const auto& battery : rules_.batteries) {
      const auto digits = match(battery.field, name);
      if (!digits) continue;
      const auto part = with_digits(battery.part, *digits);
      const bool flag = battery.form == BatteryForm::one_is_low || battery.form == BatteryForm::one_is_good;
      if (flag && *number != 0 && *number != 1) return false;
      if (battery.form == BatteryForm::bars && (*number < 0 || *number > 6)) return false;
      set_battery(battery.form, part, sent, *number);
      became(sent, Became::status, "battery");
      return true;
    }
    return false;
  }

  void set_battery(BatteryForm form, const std::string& part, const FormField& sent, double number) {
    bool low = false;
    const auto add = [&](std::string_view name, const Value& value) {
      add_quantity(reading_, {.name = name, .part = part, .source_field = sent.name}, value);
    };
    switch (form) {
      case BatteryForm::one_is_low:
      case BatteryForm::one_is_good:
        low = (number != 0) == (form == BatteryForm::one_is_low);
        add("battery_low", low);
        break;
      case BatteryForm::bars:
        low = number <= 1;
        add("battery_level", std::min(number, 5.0) * 20);
        break;
      default:
        low = (form == BatteryForm::one_cell && number <= 1.2) ||
              (form == BatteryForm::two_cells && number <= 2.4);
        add("battery_voltage", number);
    }
    if (low) reading_.set_flags(reading_.flags() | v1::FLAG_BATTERY_LOW);
  }

  void keep(const FormField& field) {
    const auto number = parse_number(field.value);
    const bool quantity = find_quantity(canonical_name(field.name)) != nullptr;
    const auto name = quantity ? raw_name(field.name) : field.name;
    extra_.add(name, number ? as_value(*number) : Value(std::string_view(field.value)));
    became(field, Became::kept, name);
  }

  v1::Reading& reading_;
  const std::vector<FormField>& fields_;
  const StationRules& rules_;
  const Message& message_;
  const bool metric_;
  JsonMembers extra_;
};

}  // namespace

void add_station_fields(v1::Reading& reading, const std::vector<FormField>& fields, const StationRules& rules,
                        const Message& message) {
  Station(reading, fields, rules, message).read();
}

bool measures_something(const v1::Reading& reading) {
  return std::ranges::any_of(reading.quantities(), [](const v1::Quantity& quantity) {
    constexpr std::string_view own[] = {"runtime", "interval", "heap"};
    return std::ranges::find(own, quantity.name()) == std::end(own);
  });
}

DecodeError too_many_fields() {
  return {"too_many", "the form has more than " + std::to_string(max_form_fields) +
                          " fields, and no console has so many sensors"};
}

std::int64_t station_time(const std::vector<FormField>& fields) {
  const auto* const field = find_field(fields, "dateutc");
  if (field == nullptr) return 0;
  std::string_view text = field->value;
  std::array<int, 6> parts{};  // year, month, day, hour, minute, second
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const auto start = text.find_first_of("0123456789");
    if (start == std::string_view::npos || text.substr(0, start).find_first_not_of("-/: Tt") != text.npos)
      return 0;
    text.remove_prefix(start);
    const auto result = std::from_chars(text.data(), text.data() + text.size(), parts[i]);
    if (result.ec != std::errc{}) return 0;
    text.remove_prefix(static_cast<std::size_t>(result.ptr - text.data()));
  }
  if (text.find_first_not_of(" Z") != std::string_view::npos) return 0;
  std::string padded;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const std::string digits = std::to_string(parts[i]);
    const std::size_t width = i == 0 ? 4 : 2;
    if (digits.size() > width) return 0;
    padded += std::string(width - digits.size(), '0') + digits + "--T::Z"[i];
  }
  const auto time = parse_time(padded);
  return time ? time->ns : 0;
}

}  // namespace weather::sensors
