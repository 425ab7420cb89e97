// The card's own machine: mounts, rights, the LED, addresses. Thin; what goes wrong here hinders nothing.
#pragma once

#include <filesystem>
#include <string>
#include <system_error>
#include <vector>

namespace weather::gateway {

// A file system that may be mounted read-only: writable once it was asked for, and read-only again with the
// end of this.
class Remount {
 public:
  // allowed false: one that is read-only stays so.
  Remount(std::filesystem::path folder, bool allowed) : folder_(std::move(folder)), allowed_(allowed) {}
  ~Remount();
  Remount(const Remount&) = delete;
  Remount& operator=(const Remount&) = delete;
  std::error_code writable();

 private:
  const std::filesystem::path folder_;
  const bool allowed_;
  bool done_ = false;  // it was read-only and is not now
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
