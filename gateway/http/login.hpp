// Names and passwords as browsers send them (HTTP Basic, RFC 7617). Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace weather::gateway {

struct Credentials {
  std::string name, password;
};

// "Basic cGk6cGFzcw==" -> pi, pass; nothing if the header is anything else.
std::optional<Credentials> parse_basic(std::string_view authorization);

}  // namespace weather::gateway
