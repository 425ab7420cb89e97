#include "gateway/doctor/gpio.hpp"

#include <string>

#include "gateway/config/pulse.hpp"
#include "sensors/buses/iio.hpp"
#include "sensors/pulse/gpio_chips.hpp"

namespace weather::gateway {
namespace {

Finding look_at_line(const PulseConfig& pulse) {
  const auto who = "pulse:" + pulse.name + ": ";
  const auto line = sensors::find_gpio_line(gpio_place(pulse));
  if (!line) return {Grade::warning, "gpio", who + line.error(), tried_again};
  if (!line->used) return {Grade::ok, "gpio", who + line->what() + " is free", ""};
  if (line->consumer == sensors::gpio_consumer)
    return {Grade::note, "gpio", who + line->what() + " is in use by weather-gateway",
            "nothing to do if that is the running gateway"};
  return {Grade::warning, "gpio", who + line->in_use(), tried_again};
}

Finding look_at_vane(const PulseConfig& pulse) {
  const auto who = "pulse:" + pulse.name + ": vane " + pulse.vane;
  const auto channel = iio_channel(pulse.vane);
  sensors::SysfsOptions sysfs;
  sysfs.root = pulse.root;
  const auto mv = sensors::read_iio_channel(sysfs, channel.device, channel.name);
  if (!mv) return {Grade::warning, "gpio", who + ": " + mv.error(), "until then there is no direction"};
  const auto table = vane_table(pulse);
  const auto text = who + " says " + std::to_string(static_cast<int>(*mv)) + " mV";
  if (table && table->degrees(*mv)) return {Grade::ok, "gpio", text, ""};
  return {Grade::warning, "gpio", text + ", which is not in vane_degrees",
          "is it connected, and is the table that of its resistors?"};
}

}  // namespace

std::vector<Finding> look_at_pulses(const Config& config) {
  std::vector<Finding> findings;
  for (const auto& pulse : config.pulse) {
    findings.push_back(look_at_line(pulse));
    if (!pulse.vane.empty()) findings.push_back(look_at_vane(pulse));
  }
  return findings;
}

}  // namespace weather::gateway
