#include <cmath>

#include "gateway/api/api.hpp"
#include "sensors/reading/json_text.hpp"
#include "sensors/reading/number.hpp"
#include "sensors/reading/time.hpp"

namespace weather::gateway {
namespace {

std::string recent_json(const std::vector<float>& recent) {
  std::string text = "[";
  for (const float value : recent) {
    if (text.size() > 1) text += ',';
    if (std::isnan(value))
      text += "null";
    else
      sensors::append_number(text, std::round(static_cast<double>(value) * 1000) / 1000);
  }
  return text + "]";
}

}  // namespace

std::string sensors_json(const std::vector<SensorStatus>& list, std::int64_t now_ns) {
  std::string all;
  for (const auto& sensor : list) {
    const double age_s = static_cast<double>(now_ns - sensor.last_ns) / 1e9;
    sensors::JsonMembers members;
    members.add("id", std::string_view(sensor.id));
    members.add("source", std::string_view(sensor.source));
    members.add("state", std::string_view(sensor_state(sensor, now_ns)));
    members.add("age_seconds", std::round(age_s * 10) / 10);
    members.add("interval_seconds", std::round(sensor.interval_s * 10) / 10);
    members.add("last_reading", std::string_view(sensors::format_time(sensor.last_ns)));
    members.add("event_time", std::string_view(sensors::format_time(sensor.event_ns)));
    members.add("readings", static_cast<std::int64_t>(sensor.readings));
    if (!sensor.quality.empty()) members.add("quality", std::string_view(sensor.quality));
    if (sensor.error.empty()) {
      members.add_json("value", sensor.value_json);
      if (sensor.units_json.size() > 2) members.add_json("units", sensor.units_json);
    } else {
      members.add("error", std::string_view(sensor.error));
    }
    if (sensor.quantities_not_shown > 0)
      members.add("quantities_not_shown", static_cast<std::int64_t>(sensor.quantities_not_shown));
    if (sensor.battery_v) members.add("battery_volts", static_cast<double>(*sensor.battery_v));
    if (sensor.battery_ratio) members.add("battery_ratio", static_cast<double>(*sensor.battery_ratio));
    if (sensor.battery_low) members.add("battery_low", true);
    if (sensor.rssi_dbm) members.add("rssi_dbm", static_cast<double>(*sensor.rssi_dbm));
    if (!sensor.recent_name.empty()) {
      members.add("recent_name", std::string_view(sensor.recent_name));
      members.add("recent_unit", std::string_view(sensor.recent_unit));
      members.add_json("recent", recent_json(sensor.recent));
    }
    all += (all.empty() ? "" : ",") + members.take();
  }
  return "{\"schema_version\":1,\"time\":\"" + sensors::format_time(now_ns) + "\",\"sensors\":[" + all + "]}";
}

}  // namespace weather::gateway
