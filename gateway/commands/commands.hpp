// What each subcommand does, given its options. Each returns the exit code of the program (sysexits.h); what
// it prints on stdout is its result, everything else goes to stderr.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace weather::log {
class Log;
}

namespace weather::gateway {

struct RunOptions {
  std::string config_file;
  bool verbose = false;
  std::function<void(std::string_view place, log::Log& log)> at_place =
      {};  // bridge::ForwarderOptions::at_place
};
int run_command(const RunOptions& options);

struct CheckOptions {
  std::string config_file, timeout = "5s";
  bool offline = false, json = false;
  std::string topic = {},
              sample = {};  // explain this message only; sample: a file, or - for the standard input
  std::string format = {};  // instead of what the sources of the configuration would use
};
// EX_CONFIG for a faulty configuration, EX_UNAVAILABLE if something in the environment is bound to fail.
int check_command(const CheckOptions& options);

// All presets with a line each; with a name its mapping, as it may stand in a configuration.
int presets_command(const std::string& name);

int config_default_command();
int config_schema_command();
struct ConfigShowOptions {
  std::string config_file;
  bool all = false, origin = true;
};
int config_show_command(const ConfigShowOptions& options);

struct BundleCommand {
  std::string config_file, output;
};
// Writes a support archive without secrets and prints its name.
int bundle_command(const BundleCommand& options);

int version_command(bool json);

struct DemoOptions {
  std::string duration;  // "10s"; empty: until q
  bool json = false;
  std::string script;        // "cut@3s,restore@6s"; empty: the default one
  std::uint64_t rate = 100;  // readings a second
  bool quiet_link = false;   // no script at all
};
int demo_command(const DemoOptions& options);

struct SimulateCommand {
  std::string properties_file, topic = "topic_weather", rate = "1/10s", duration = "1m", outage, cut, restore,
                               jitter = "0s";
  std::uint64_t gateways = 500, sensors = 20, producers = 8, seed = 1;
  int broker_pid = 0;
  bool json = false;
};
int simulate_command(const SimulateCommand& options);

struct ProduceCommand {
  std::string properties_file, topic;
  std::optional<std::string> key, value;
  std::vector<std::string> headers;  // "name=value"
  std::string timestamp;             // RFC 3339; empty: now
  std::string timeout = "30s";
};
int produce_command(const ProduceCommand& options);

struct ConsumeCommand {
  std::string properties_file, topic, group, format = "text", from_time;
  bool from_beginning = false, dedup = false, raw = false;
  std::uint64_t count = 0, batch = 1000;
  std::string into, wait = "1s";
};
int consume_command(const ConsumeCommand& options);

struct SendCommand {
  std::string config_file, file, format = "json";
  std::vector<std::string> table;  // "id=roof"
  bool no_wait = false, json = false;
  std::string timeout = "10m";
};
int send_command(const SendCommand& options);

}  // namespace weather::gateway
