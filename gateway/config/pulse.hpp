// What [[pulse]] means. Pure.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <tl/expected.hpp>

#include "gateway/config/config.hpp"
#include "sensors/pulse/gpio_chips.hpp"
#include "sensors/pulse/vane.hpp"

namespace weather::gateway {

sensors::GpioPlace gpio_place(const PulseConfig& pulse);

struct IioChannel {
  std::string device, name;  // "mcp3008", "voltage0"
};
IioChannel iio_channel(std::string_view vane);  // both empty: it is no "mcp3008/voltage0"

tl::expected<sensors::VaneTable, std::string> vane_table(const PulseConfig& pulse);

// What is wrong with it, by its key.
std::vector<std::pair<std::string, std::string>> pulse_faults(const PulseConfig& pulse);

}  // namespace weather::gateway
