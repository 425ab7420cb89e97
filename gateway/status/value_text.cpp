#include "gateway/status/value_text.hpp"

#include <cmath>
#include <optional>

#include <boost/json/value.hpp>

#include "gateway/status/shown_value.hpp"
#include "sensors/reading/number.hpp"
#include "sensors/reading/printable.hpp"

namespace weather::gateway {
namespace {

namespace json = boost::json;

std::string text_member(const json::object& object, const char* name) {
  const auto* value = object.if_contains(name);
  return value == nullptr || !value->is_string() ? std::string() : std::string(value->as_string());
}

std::optional<double> number_member(const json::object& object, const char* name) {
  const auto* value = object.if_contains(name);
  return value == nullptr || !value->is_number() ? std::nullopt : std::optional(value->to_number<double>());
}

void append(std::string& list, const std::string& word) {
  if (!word.empty()) (list += list.empty() ? "" : ", ") += word;
}

// "15 %" or "2.71 V"; empty: it does not say.
std::string battery_of(const json::object& sensor) {
  if (const auto ratio = number_member(sensor, "battery_ratio"))
    return sensors::format_number(std::round(*ratio * 100)) + " %";
  if (const auto volts = number_member(sensor, "battery_volts")) return shown_number(*volts, "V");
  return {};
}

}  // namespace

std::string value_text(const json::object& sensor) {
  if (sensor.contains("error")) return "cannot be read: " + sensors::printable(text_member(sensor, "error"));
  const auto* value = sensor.if_contains("value");
  std::string text;
  if (value != nullptr)
    for (const auto& [name, shown] : shown_values(*value, sensor.if_contains("units")))
      append(text, name + " " + shown);
  return sensors::printable(text);
}

std::string trouble_text(const json::object& sensor) {
  std::string text;
  if (const auto* low = sensor.if_contains("battery_low"); low != nullptr && *low == json::value(true)) {
    const auto battery = battery_of(sensor);
    text = "battery low" + (battery.empty() ? battery : " (" + battery + ")");
  }
  if (const auto quality = text_member(sensor, "quality"); quality != "good" && quality != "unchecked")
    append(text, quality);
  return sensors::printable(text);
}

std::string radio_text(const json::object& sensor) {
  std::string text;
  if (const auto battery = battery_of(sensor); !battery.empty() && !sensor.contains("battery_low"))
    text = "battery " + battery;
  if (const auto rssi = number_member(sensor, "rssi_dbm"))
    append(text, "signal " + sensors::format_number(std::round(*rssi)) + " dBm");
  return text;
}

}  // namespace weather::gateway
