// What [[bluetooth]] means, and what of it can be wrong beyond the single key. Pure.
#pragma once

#include <vector>

#include "gateway/config/load.hpp"
#include "sensors/bluetooth/receiver.hpp"

namespace weather::gateway {

// Without the keys, which are in a file.
sensors::bluetooth::ReceiverOptions receiver_options(const BluetoothConfig& bluetooth);
std::vector<ConfigError> bluetooth_faults(const Config& config);

}  // namespace weather::gateway
