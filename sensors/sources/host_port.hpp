// HOST, HOST:PORT and [IPv6]:PORT. Pure; any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace weather::sensors {

struct HostPort {
  std::string_view host;  // without brackets
  std::string_view port;  // what follows it, with its colon; may be empty
};

// Nothing: a bracket is not closed.
std::optional<HostPort> split_host_port(std::string_view text);
// ":1883": from 1 to 65535, else false.
bool take_port(std::string_view text, std::uint16_t& port);
std::string in_brackets(const std::string& host);  // if it is an IPv6 address

}  // namespace weather::sensors
