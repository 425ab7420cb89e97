// Talks to a running gateway over its control socket. Blocks the calling thread.
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <string>

#include <tl/expected.hpp>

namespace weather::gateway {

struct ControlAnswer {
  unsigned status = 0;
  std::string body;
};

// The error is a sentence: no listener, no permission, no answer in time.
using ControlResult = tl::expected<ControlAnswer, std::string>;

ControlResult control_call(const std::filesystem::path& socket, const std::string& method,
                           const std::string& target, const std::string& body = {},
                           std::chrono::seconds timeout = std::chrono::seconds(30));

// Calls `line` with each line of an answer that goes on, until it returns false or the gateway ends.
tl::expected<void, std::string> control_stream(const std::filesystem::path& socket, const std::string& target,
                                               const std::function<bool(const std::string&)>& line);

}  // namespace weather::gateway
