// Looks at the machine for `weather-gateway check`. Blocks; each look is bounded in time. Leaves nothing
// behind.
#pragma once

#include <chrono>
#include <filesystem>
#include <vector>

#include "bridge/proxy/settings.hpp"
#include "gateway/config/config.hpp"
#include "gateway/doctor/judge.hpp"

namespace weather::gateway {

DiskFacts look_at_disk(const Config& config);
ClockFacts look_at_clock(const Config& config);
// Connects, through the proxy if it is said to, and says CONNECT where the link is not encrypted.
MqttFacts look_at_mqtt(const MqttConfig& config, std::chrono::milliseconds timeout,
                       const proxy::Settings& proxy = {});
WatchdogFacts look_at_watchdog(const std::filesystem::path& root = "/");

}  // namespace weather::gateway
