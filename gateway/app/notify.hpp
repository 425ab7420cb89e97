// Notifications to systemd (sd_notify(3)). Without systemd all of it does nothing.
#pragma once

#include <chrono>
#include <string>

namespace weather::gateway {

void notify_ready(const std::string& status);
void notify_status(const std::string& status);
void notify_reloading();
void notify_stopping();
void notify_watchdog();
// Half of WatchdogSec, the recommended rhythm; zero: no watchdog.
std::chrono::milliseconds watchdog_interval();

}  // namespace weather::gateway
