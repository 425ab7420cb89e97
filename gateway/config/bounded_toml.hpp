// How deep and how large a TOML text may be before it is parsed: the parser recurses with every part of a
// dotted key and every bracket, and a text of some kilobytes could end the process with its stack. Pure.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace weather::gateway {

inline constexpr std::size_t most_toml_bytes = 1U << 20, most_toml_parts = 32, most_toml_nesting = 32;

struct TomlExcess {
  std::size_t line = 1;
  std::string text;  // a sentence without the place
};

// The first thing that is too large, if any. Says nothing of what is otherwise wrong with the text.
std::optional<TomlExcess> toml_excess(std::string_view text);

}  // namespace weather::gateway
