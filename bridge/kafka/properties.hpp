// Java-style client.properties: `key=value` lines, blank lines and # or ! comments. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <tl/expected.hpp>

#include "bridge/options/options.hpp"

namespace weather::bridge {

struct Property {
  std::string key, value;
  std::size_t line = 0;  // where the key stands, from 1
};

// Where and what, in words: "line 4: no '=' after \"acks\"".
struct PropertyError {
  std::size_t line = 0;  // 0: not from a file
  std::string key, text;
};

using ParsedProperties = tl::expected<std::vector<Property>, std::vector<PropertyError>>;

// The Properties format of java.util.Properties without its Latin-1 rule: keys end at '=', ':' or white
// space, a backslash at the end of a line continues it, \t \n \r \f \\ \= \: \# \! \  and \uXXXX are
// understood. A key that comes twice is an error: one of the two would be ignored silently.
ParsedProperties parse_properties(std::string_view text);

// ASCII letters in lower case.
std::string lower(std::string_view text);

// "file:line: text", one a line.
std::string describe(const std::vector<PropertyError>& errors, std::string_view file);

}  // namespace weather::bridge
