// Which sensors are heard by Bluetooth. Blocks for as long as it listens; nothing of it stays.
#pragma once

#include <chrono>

#include "gateway/init/plan.hpp"

namespace weather::gateway {

// Without an adapter that is on it does not wait.
InitBluetooth hear_bluetooth(std::chrono::milliseconds listen);

}  // namespace weather::gateway
