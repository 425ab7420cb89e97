// One look at what bluetoothd has, for `weather-gateway check` and `init`. Blocks, at most as long as it may.
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>

#include "sensors/bluetooth/scanner.hpp"

namespace weather::sensors::bluetooth {

struct BluezLook {
  bool bus = false;               // there is a system bus
  std::optional<BusError> error;  // of the bus, or what bluetoothd answered instead
  std::map<std::string, Adapter> adapters;
};

BluezLook look_at_bluez(std::chrono::milliseconds longest);

// What keeps this adapter from hearing, in words, with what to do; empty: nothing.
std::string bluetooth_obstacle(const BluezLook& look, std::string_view adapter);

}  // namespace weather::sensors::bluetooth
