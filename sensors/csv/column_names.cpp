#include "sensors/csv/column_names.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "sensors/reading/json_text.hpp"
#include "sensors/reading/letters.hpp"
#include "sensors/reading/units.hpp"

namespace weather::sensors {
namespace {

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '_')) text.remove_suffix(1);
  return text;
}

// A longer one before those that it begins with.
constexpr std::array<std::pair<std::string_view, std::string_view>, 18> short_cut{{
    {"AirTC", "air_temperature"},
    {"AirTF", "air_temperature"},
    {"AirT_C", "air_temperature"},
    {"BP_mmHg", "air_pressure"},
    {"BP_mbar", "air_pressure"},
    {"BP_kPa", "air_pressure"},
    {"BP_hPa", "air_pressure"},
    {"BP_inHg", "air_pressure"},
    {"WS_ms", "wind_speed"},
    {"WS_mph", "wind_speed"},
    {"WS_kph", "wind_speed"},
    {"WindDir", "wind_direction"},
    {"Rain_mm", "rain"},
    {"Rain_in", "rain"},
    {"SlrW", "solar_radiation"},
    {"BattV", "battery_voltage"},
    {"Batt_volt", "battery_voltage"},
    {"TdC", "dew_point"},
}};

}  // namespace

ColumnName without_unit(std::string_view name) {
  for (const auto& [open, close] : {std::pair{'(', ')'}, std::pair{'[', ']'}}) {
    const auto at = name.rfind(open);
    if (name.empty() || name.back() != close || at == std::string_view::npos) continue;
    const auto unit = name.substr(at + 1, name.size() - at - 2);
    const auto before = trimmed(name.substr(0, at));
    if (!before.empty() && !ucum_from_spelling(unit).empty()) return {std::string(before), std::string(unit)};
  }
  return {std::string(name), {}};
}

std::string spelled_out(std::string_view campbell) {
  for (const auto& [stem, words] : short_cut) {
    if (!starts_alike(campbell, stem)) continue;
    const auto ending = campbell.substr(stem.size());
    if (!ending.empty() && ending.front() != '_') continue;
    const auto is = [&](std::string_view text) {
      return ending.size() == text.size() && starts_alike(ending, text);
    };
    if (is("_Tot") || is("_Smp")) return std::string(words);
    // The mean of the speeds, and the direction of the mean vector: of WindVector().
    return std::string(words) + std::string(is("_S_WVT") || is("_D1_WVT") ? "_Avg" : ending);
  }
  return std::string(campbell);
}

ColumnName meant_by(std::string_view name, std::size_t place, std::optional<std::string_view> unit) {
  const auto named = without_unit(name);
  return {named.name.empty() ? "column_" + std::to_string(place + 1) : to_utf8(named.name),
          std::string(ucum_from_spelling(unit.value_or(named.unit)))};
}

}  // namespace weather::sensors
