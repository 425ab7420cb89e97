#include "gateway/config/pulse.hpp"

#include "sensors/id_limit.hpp"

namespace weather::gateway {

sensors::GpioPlace gpio_place(const PulseConfig& pulse) {
  sensors::GpioPlace place;
  place.chip = pulse.chip;
  place.line = pulse.line;
  return place;
}

IioChannel iio_channel(std::string_view vane) {
  const auto slash = vane.find('/');
  if (slash == std::string_view::npos || slash == 0 || slash + 1 == vane.size() ||
      vane.find('/', slash + 1) != std::string_view::npos)
    return {};
  return {std::string(vane.substr(0, slash)), std::string(vane.substr(slash + 1))};
}

tl::expected<sensors::VaneTable, std::string> vane_table(const PulseConfig& pulse) {
  return sensors::VaneTable::parse(pulse.vane_degrees, pulse.vane_between == "linear"
                                                           ? sensors::BetweenEntries::linear
                                                           : sensors::BetweenEntries::nearest);
}

std::vector<std::pair<std::string, std::string>> pulse_faults(const PulseConfig& pulse) {
  std::vector<std::pair<std::string, std::string>> faults;
  const auto add = [&](const char* key, std::string text) { faults.emplace_back(key, std::move(text)); };
  const bool wind = pulse.kind == "wind";
  if (pulse.name.empty()) add("name", "must not be empty: its readings are those of \"pulse:NAME\"");
  if (pulse.name.size() + std::string_view("pulse:").size() > sensors::max_sensor_id_bytes)
    add("name",
        "is too long: a sensor's id has at most " + std::to_string(sensors::max_sensor_id_bytes) + " bytes");
  if (pulse.line.empty()) add("line", "must be a number, or a name such as \"GPIO6\"");
  if (pulse.chip.empty() && !pulse.line.empty() &&
      pulse.line.find_first_not_of("0123456789") == std::string::npos)
    add("chip", "must be given with a number as line: chip = \"/dev/gpiochip0\"; or name the line, \"GPIO" +
                    pulse.line + "\"");
  if (pulse.kind == "rain" && !(pulse.mm_per_tip > 0))
    add("mm_per_tip", "must say what a tip is worth: 0.2794 for the bucket of the Raspberry Pi's kit");
  if (wind && !(pulse.m_s_per_hz > 0))
    add("m_s_per_hz",
        "must say what a pulse a second is worth: 0.667 for the anemometer of the Raspberry Pi's kit");
  if (pulse.vane.empty() && pulse.vane_degrees.empty()) return faults;
  if (!wind) add("vane", "goes with kind = \"wind\"");
  if (iio_channel(pulse.vane).device.empty())
    add("vane", "must be an IIO device and its channel: \"mcp3008/voltage0\"");
  if (const auto table = vane_table(pulse); !table) add("vane_degrees", table.error());
  return faults;
}

}  // namespace weather::gateway
