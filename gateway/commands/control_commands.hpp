// Commands that ask a running gateway: status, sensors, tail, pause, resume, retry,
// replay, drain, dead-letters.
#pragma once

#include <cstdint>
#include <string>

#include "gateway/control/ask.hpp"

namespace weather::gateway {

struct StatusCommand : ControlCommand {
  bool check = false, watch = false;
};
// --check: 0 ok, 1 warning, 2 critical, 3 unknown, as monitoring systems expect it.
int status_command(const StatusCommand& command);

struct SensorsCommand : ControlCommand {
  bool full = false;  // on a terminal too
};
int sensors_command(const SensorsCommand& command);

struct ForgetCommand : ControlCommand {
  std::string sensor;
};
int sensors_forget_command(const ForgetCommand& command);

struct TopCommand : ControlCommand {
  std::string interval = "1s";
  std::uint64_t count = 0;
};
int top_command(const TopCommand& command);

struct TailCommand : ControlCommand {
  std::string sensor;
};
int tail_command(const TailCommand& command);

struct RouteCommand : ControlCommand {
  std::string route;  // empty: all
};
int pause_command(const RouteCommand& command);
int resume_command(const RouteCommand& command);
int retry_command(const RouteCommand& command);

// EX_CONFIG if the configuration has faults: then nothing has changed.
int reload_command(const ControlCommand& command);

struct ReplayCommand : RouteCommand {
  std::string from, to, topic;  // from, to: a time, an age or a sequence; to empty: all there is
};
int replay_command(const ReplayCommand& command);

struct DeadLetterCommand : ControlCommand {
  std::uint64_t id = 0;
};
int dead_letters_ls_command(const DeadLetterCommand& command);
int dead_letters_show_command(const DeadLetterCommand& command);
int dead_letters_retry_command(const DeadLetterCommand& command);
int dead_letters_drop_command(const DeadLetterCommand& command);

struct DrainCommand : ControlCommand {
  std::string timeout = "10m";
};
// Waits until nothing waits for Kafka; EX_TEMPFAIL if it takes too long.
int drain_command(const DrainCommand& command);

}  // namespace weather::gateway
