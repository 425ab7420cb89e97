#include "sensors/decoders/station_fields.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <cmath>
#include <optional>
#include <string>

#include "sensors/reading/builder.hpp"
#include "sensors/reading/meaning.hpp"
#include "sensors/reading/number.hpp"
#include "sensors/reading/quantities.hpp"
#include "sensors/reading/time.hpp"

namespace weather::sensors {
namespace {

// What a barometer says in hPa, and never in inches of mercury.
constexpr double lowest_hectopascals = 300, highest_hectopascals = 1100;

bool is_no_sensor(double value, std::string_view quantity) {
  return value == no_sensor || (value == 65'535 && quantity != "illuminance");
}

std::string lower(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return out;
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
};

Match find(std::span<const StationField> fields, std::string_view name) {
  for (const auto& field : fields) {
    const auto digits = match(field.field, name);
    if (!digits) continue;
    std::string part(field.part);
    if (const auto hash = part.find('#'); hash != std::string::npos) part.replace(hash, 1, *digits);
    return {&field, std::move(part)};
  }
  return {};
}

Value as_value(const std::variant<std::int64_t, double>& number) {
  if (const auto* integer = std::get_if<std::int64_t>(&number)) return *integer;
  return std::get<double>(number);
}

bool says_metric(const std::vector<FormField>& fields, const StationRules& rules) {
  return std::any_of(fields.begin(), fields.end(), [&](const FormField& field) {
    const auto found = find(rules.fields, lower(field.name));
    if (found.field == nullptr || found.field->unit != "[in_i'Hg]") return false;
    const auto value = parse_double(field.value);
    return value && *value >= lowest_hectopascals && *value <= highest_hectopascals;
  });
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

}  // namespace

void add_station_fields(v1::Reading& reading, const std::vector<FormField>& fields,
                        const StationRules& rules) {
  const bool metric = says_metric(fields, rules);
  JsonMembers extra;
  for (const auto& [name, text] : fields) {
    const std::string lowered = lower(name);
    if (std::find(rules.consumed.begin(), rules.consumed.end(), lowered) != rules.consumed.end()) continue;
    const auto found = find(rules.fields, lowered);
    const auto number = parse_number(text);
    if (found.field == nullptr || !number) {
      extra.add(name, number ? as_value(*number) : Value(std::string_view(text)));
      continue;
    }
    const double value = *parse_double(text);
    const Field field{.name = found.field->name,
                      .unit = found.field->unit,
                      .part = found.part,
                      .source_field = name,
                      .stat = found.field->stat,
                      .period_s = found.field->period_s};
    if (is_no_sensor(value, field.name)) {
      add_missing(reading, field, value);
    } else if (metric && !field.unit.empty() && field.unit != canonical_unit(field.name)) {
      add_suspect(reading, field, as_value(*number), value);
    } else {
      add_quantity(reading, field, as_value(*number));
    }
  }
  reading.set_extra_json(extra.take());
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
