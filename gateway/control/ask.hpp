// A question to the gateway that a command names by --socket or by its configuration. What goes wrong has
// been said on stderr; the error is the exit code.
#pragma once

#include <chrono>
#include <filesystem>
#include <string>

#include <tl/expected.hpp>

#include "gateway/config/files.hpp"

namespace weather::gateway {

struct ControlCommand {
  std::string config_file, socket;  // socket wins
  bool json = false;
};

// --socket, or what the configuration says. Only the configuration file is read: no Kafka settings, no
// secrets. One with faults is no hindrance: the running gateway has read a better one, and where it listens
// is found in what can be read of this.
struct ControlPlace {
  std::filesystem::path socket;
  ConfigFailure faults;  // of the configuration; no lines: it is good
};
ControlPlace socket_of(const ControlCommand& command);
// Says why there is no answer; the exit code.
int no_answer(const ControlCommand& command, const ControlPlace& place, const std::string& why);
// Says on stderr that the file of a gateway which answers has faults by now.
void complain_of_faults(const ControlCommand& command, const ControlPlace& place);
// The body of a good answer.
tl::expected<std::string, int> ask(const ControlCommand& command, const std::string& method,
                                   const std::string& target,
                                   std::chrono::seconds timeout = std::chrono::seconds(30));

}  // namespace weather::gateway
