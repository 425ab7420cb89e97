#include "gateway/config/bounded_toml.hpp"

#include <algorithm>

namespace weather::gateway {
namespace {

// Strings and comments hold dots and brackets that nest nothing (TOML 1.0, String and Comment).
std::size_t after_string(std::string_view text, std::size_t at) {
  const char quote = text[at];
  const std::string_view three = quote == '"' ? "\"\"\"" : "'''";
  const bool multi = text.substr(at, 3) == three;
  at += multi ? 3 : 1;
  while (at < text.size()) {
    if (quote == '"' && text[at] == '\\') {
      at += 2;
    } else if (multi && text.substr(at, 3) == three) {
      at += 3;  // one or two quotes more belong to the string
      for (int more = 0; more < 2 && at < text.size() && text[at] == quote; ++more) ++at;
      return at;
    } else if (!multi && (text[at] == quote || text[at] == '\n')) {
      return at + (text[at] == quote ? 1 : 0);
    } else {
      ++at;
    }
  }
  return text.size();
}

}  // namespace

std::optional<TomlExcess> toml_excess(std::string_view text) {
  if (text.size() > most_toml_bytes)
    return TomlExcess{1, "has " + std::to_string(text.size()) + " bytes; a configuration has at most " +
                             std::to_string(most_toml_bytes)};
  std::size_t line = 1, dots = 0, nesting = 0;
  for (std::size_t at = 0; at < text.size();) {
    const char c = text[at];
    if (c == '"' || c == '\'') {
      const auto end = after_string(text, at);
      for (; at < end; ++at) line += text[at] == '\n' ? 1 : 0;
      continue;
    }
    if (c == '#') {
      at = std::min(text.find('\n', at), text.size());
      continue;
    }
    if (c == '\n') ++line;
    if (c == '\n' || c == '=' || c == ',' || c == '{' || c == '[') dots = 0;
    if (c == '[' || c == '{') ++nesting;
    if ((c == ']' || c == '}') && nesting > 0) --nesting;
    if (c == '.' && ++dots >= most_toml_parts)
      return TomlExcess{line, "has a key of more than " + std::to_string(most_toml_parts) + " parts"};
    if (nesting > most_toml_nesting)
      return TomlExcess{line, "nests more than " + std::to_string(most_toml_nesting) + " arrays and tables"};
    ++at;
  }
  return {};
}

}  // namespace weather::gateway
