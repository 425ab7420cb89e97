// The products the gateway knows: TOML files compiled in (sensors/mapping/presets/*.toml). Any thread.
#pragma once

#include <span>
#include <string_view>

namespace weather::sensors {

struct Preset {
  std::string_view name;  // "tasmota"
  std::string_view toml;
};

std::span<const Preset> presets();
const Preset* find_preset(std::string_view name);

}  // namespace weather::sensors
