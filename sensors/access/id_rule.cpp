#include "sensors/access/id_rule.hpp"

#include <algorithm>
#include <array>

#include "sensors/access/levels.hpp"

namespace weather::sensors {
namespace {

constexpr std::string_view levels = "/:";
// What decoders and presets write in front of an id.
constexpr std::array<std::string_view, 20> families = {
    "ble",     "ecowitt", "esphome", "ha",    "hwmon",        "iio",        "lora",
    "lw30x",   "modbus",  "nmea",    "ruuvi", "rtl433",       "shelly",     "spb",
    "tasmota", "w1",      "vaisala", "weewx", "wunderground", "zigbee2mqtt"};

class Category final : public std::error_category {
 public:
  const char* name() const noexcept override { return "access"; }
  std::string message(int) const override { return "the sensor is another user's"; }
};

}  // namespace

std::string_view without_family(std::string_view sensor_id) {
  const auto colon = sensor_id.find(':');
  if (colon == std::string_view::npos) return sensor_id;
  const bool known = std::ranges::find(families, sensor_id.substr(0, colon)) != families.end();
  return known ? sensor_id.substr(colon + 1) : sensor_id;
}

bool IdRule::owns(std::string_view sensor_id) const {
  if (prefixes.empty()) return is_within(user, without_family(sensor_id), levels);
  return std::ranges::any_of(prefixes,
                             [&](const std::string& prefix) { return is_within(prefix, sensor_id, levels); });
}

bool IdCheck::allows(std::span<const v1::Reading> readings) {
  if (rule == nullptr) return true;
  const auto foreign = std::ranges::find_if(
      readings, [&](const v1::Reading& reading) { return !rule->owns(reading.sensor_id()); });
  if (foreign == readings.end()) return true;
  refused = foreign->sensor_id();
  return false;
}

std::error_code make_error_code(AccessErrc error) {
  static const Category category;
  return {static_cast<int>(error), category};
}

}  // namespace weather::sensors
