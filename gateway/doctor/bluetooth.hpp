// Bluetooth as it is configured, for `weather-gateway check`: asks bluetoothd what it has, and starts
// nothing.
#pragma once

#include <chrono>
#include <vector>

#include "gateway/config/config.hpp"
#include "gateway/doctor/finding.hpp"
#include "sensors/bluetooth/bluez_look.hpp"

namespace weather::gateway {

std::vector<Finding> look_at_bluetooth(const Config& config, std::chrono::milliseconds timeout);
Finding judge_bluetooth(const BluetoothConfig& bluetooth, const sensors::bluetooth::BluezLook& look);  // pure

}  // namespace weather::gateway
