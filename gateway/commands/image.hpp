// What the flashable image calls, and what writes its card.
#pragma once

#include <string>
#include <vector>

#include "gateway/commands/control_commands.hpp"

namespace weather::gateway {

struct ImageApplyCommand {
  std::string card = "/boot/weather", run = "/run/weather-card", state = "/var/lib/weather-card",
              led = "/sys/class/leds/ACT";
  bool remount = false;
};
// EX_CONFIG only if there is no configuration to run with.
int image_apply_command(const ImageApplyCommand& options);

struct ImageStatusCommand : ControlCommand {
  std::string card = "/boot/weather", run = "/run/weather-card";
};
int image_status_command(const ImageStatusCommand& options);

struct ImageConfigureCommand {
  std::string image, config_file, wifi, wifi_password_file, country, hostname, authorized_keys_file,
      hosts_file, out_folder;
  std::vector<std::string> secrets;  // "NAME=FILE"
};
// Nothing is written before all of it was found good. EX_CONFIG: it was not; EX_UNAVAILABLE: a program is
// missing.
int image_configure_command(const ImageConfigureCommand& options);

}  // namespace weather::gateway
