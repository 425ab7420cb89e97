// `fleet keygen|send|status`: what the centre does. Each returns the program's exit code.
#pragma once

#include <cstdint>
#include <string>

namespace weather::gateway {

struct FleetKeygenCommand {
  std::string key_file, key_id = "centre";
};
// Writes the secret key, mode 0600, and prints what the gateways' configuration needs. Never over a file.
int fleet_keygen_command(const FleetKeygenCommand& command);

struct FleetSendCommand {
  std::string properties_file, topic, key_file, key_id = "centre", to, expires;
  std::uint64_t serial = 0;       // 0: the next of this key and target, as the topic has it
  std::string set, file, remove;  // a drop-in's name and text; or its name
  bool reload = false, bundle = false;
  std::string log_level, level_for = "1h", drain;
  std::string replay, until, route, target;  // as of `replay`
  std::string timeout = "30s";
  bool json = false;
};
int fleet_send_command(const FleetSendCommand& command);

struct FleetStatusCommand {
  std::string properties_file, topic, fleet_topic, timeout = "30s";
  bool gateways = false, json = false;
};
int fleet_status_command(const FleetStatusCommand& command);

}  // namespace weather::gateway
