// The advertisement monitor that bluetoothd asks for what to let through (org.bluez.AdvertisementMonitor1).
#pragma once

#include <functional>
#include <vector>

#include <systemd/sd-bus.h>

#include "sensors/bluetooth/families.hpp"

namespace weather::sensors::bluetooth {

inline constexpr char monitors_path[] = "/weather_gateway/monitors";

// Lives as long as the bus that it was shown on; must not move meanwhile.
struct BluezMonitor {
  std::vector<Pattern> patterns;
  std::function<void(bool)> activated;

  bool show_on(sd_bus* bus);
};

}  // namespace weather::sensors::bluetooth
