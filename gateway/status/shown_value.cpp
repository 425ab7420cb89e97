#include "gateway/status/shown_value.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include "sensors/reading/number.hpp"
#include "sensors/reading/units.hpp"

namespace weather::gateway {
namespace {

namespace json = boost::json;

std::optional<int> decimals_of(std::string_view unit) {
  constexpr std::string_view two[] = {"V", "in", "inHg"};
  constexpr std::string_view none[] = {"%", "°", "lx", "W/m²", "ppm", "ppb"};
  if (std::ranges::find(two, unit) != std::end(two)) return 2;
  if (std::ranges::find(none, unit) != std::end(none)) return 0;
  if (unit.empty() || sensors::ucum_from_spelling(unit).empty()) return std::nullopt;
  return 1;
}

std::string significant(double value, int digits) {
  return sensors::format_number(sensors::round_significant(value, digits));
}

std::string number_text(double value, std::string_view unit) {
  constexpr double too_long = 1e9;
  if (!std::isfinite(value)) return "–";
  if (std::abs(value) >= too_long) return significant(value, 4);
  const auto decimals = decimals_of(unit);
  if (!decimals) {
    if (value == std::round(value)) return sensors::format_number(value);
    const int before = std::max(1, static_cast<int>(std::ceil(std::log10(std::abs(value)))));
    return significant(value, std::max(4, before));
  }
  std::array<char, 48> text{};
  std::snprintf(text.data(), text.size(), "%.*f", *decimals, value);
  std::string result = text.data();
  if (result.find_first_not_of("-0.") != std::string::npos) return result;
  if (value != 0) return significant(value, 2);
  return result.front() == '-' ? result.substr(1) : result;
}

std::string text_of(const json::value& value, std::string_view unit) {
  if (value.is_number()) return shown_number(value.to_number<double>(), unit);
  if (const auto* text = value.if_string()) return std::string(*text);
  if (value.is_null()) return "none";
  return json::serialize(value);
}

}  // namespace

std::string shown_number(double value, std::string_view unit) {
  auto text = number_text(value, unit);
  if (unit == "°") return text + "°";
  return unit.empty() ? text : text + " " + std::string(unit);
}

std::vector<ShownValue> shown_values(const json::value& value, const json::value* units) {
  std::vector<ShownValue> values;
  if (!value.is_object()) return values;
  for (const auto& [key, each] : value.get_object()) {
    const auto* unit =
        units == nullptr || !units->is_object() ? nullptr : units->get_object().if_contains(key);
    const std::string_view symbol =
        unit != nullptr && unit->is_string() ? std::string_view(unit->get_string()) : "";
    std::string name(key);
    std::ranges::replace(name, '_', ' ');
    values.push_back({std::move(name), text_of(each, symbol)});
  }
  return values;
}

std::vector<ShownValue> shown_values(const SensorStatus& sensor) {
  boost::system::error_code error;
  const auto value = json::parse(sensor.value_json, error);
  if (error) return {};
  const auto units = json::parse(sensor.units_json.empty() ? "{}" : sensor.units_json, error);
  return shown_values(value, error ? nullptr : &units);
}

std::string battery_and_signal(const SensorStatus& sensor) {
  std::string text;
  std::array<char, 48> more{};
  if (sensor.battery_low) text += "; battery low";
  if (sensor.battery_ratio) {
    std::snprintf(more.data(), more.size(), sensor.battery_low ? " (%.0f %%)" : "; battery %.0f %%",
                  static_cast<double>(*sensor.battery_ratio) * 100);
    text += more.data();
  } else if (sensor.battery_v) {
    std::snprintf(more.data(), more.size(), sensor.battery_low ? " (%.2f V)" : "; battery %.2f V",
                  static_cast<double>(*sensor.battery_v));
    text += more.data();
  }
  if (sensor.rssi_dbm) {
    std::snprintf(more.data(), more.size(), "; signal %.0f dBm", static_cast<double>(*sensor.rssi_dbm));
    text += more.data();
  }
  return text;
}

std::string value_line(const SensorStatus& sensor, std::size_t most_values) {
  if (!sensor.error.empty()) return sensor.error;
  const auto values = shown_values(sensor);
  std::string text;
  for (std::size_t i = 0; i < std::min(values.size(), most_values); ++i)
    text += (i == 0 ? "" : ", ") + values[i].name + " " + values[i].text;
  if (values.size() > most_values) text += " and " + human_count(values.size() - most_values) + " more";
  return text + battery_and_signal(sensor);
}

}  // namespace weather::gateway
