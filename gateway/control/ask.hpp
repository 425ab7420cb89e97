// A question to the gateway that a command names by --socket or by its configuration. What goes wrong has
// been said on stderr; the error is the exit code.
#pragma once

#include <chrono>
#include <filesystem>
#include <string>

#include <tl/expected.hpp>

namespace weather::gateway {

struct ControlCommand;

// --socket, or what the configuration says. Only the configuration file is read: no Kafka settings, no
// secrets.
tl::expected<std::filesystem::path, int> socket_of(const ControlCommand& command);
// The body of a good answer.
tl::expected<std::string, int> ask(const ControlCommand& command, const std::string& method,
                                   const std::string& target,
                                   std::chrono::seconds timeout = std::chrono::seconds(30));

}  // namespace weather::gateway
