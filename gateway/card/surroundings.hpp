// The card's own machine: mounts, rights, the LED, addresses. Thin; what goes wrong here hinders nothing.
#pragma once

#include <filesystem>
#include <string>
#include <system_error>
#include <vector>

namespace weather::gateway {

// A file system that is mounted read-only, writable while this lives and once it was asked for.
class Remount {
 public:
  // remount false: it is writable, or somebody else's matter.
  Remount(std::filesystem::path folder, bool remount) : folder_(std::move(folder)), remount_(remount) {}
  ~Remount();
  Remount(const Remount&) = delete;
  Remount& operator=(const Remount&) = delete;
  std::error_code writable();

 private:
  const std::filesystem::path folder_;
  const bool remount_;
  bool done_ = false;
};

// What apply_card() wrote, for whom it is: the system's files for all, the gateway's for its group, Wi-Fi for
// root.
void give_rights(const std::filesystem::path& run);

// An LED of /sys/class/leds that blinks five times a second: faults. What it shows else is left alone.
void blink(const std::filesystem::path& led);

// "192.168.1.20 (eth0)", without loopback and link-local ones.
std::vector<std::string> own_addresses();

double seconds_since_boot();

}  // namespace weather::gateway
