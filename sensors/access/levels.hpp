// Prefixes of names that have levels: topics ("site/b/roof") and sensor ids. Pure; any thread.
#pragma once

#include <string_view>

namespace weather::sensors {

// Is text the prefix, or below it? A prefix ends at a level: "site/b" has "site/b" and "site/b/roof" within,
// and not "site/bank"; "site/b/" has only what is below. The empty prefix has nothing within.
constexpr bool is_within(std::string_view prefix, std::string_view text, std::string_view separators = "/") {
  if (prefix.empty() || !text.starts_with(prefix)) return false;
  return text.size() == prefix.size() || separators.find(prefix.back()) != std::string_view::npos ||
         separators.find(text[prefix.size()]) != std::string_view::npos;
}

}  // namespace weather::sensors
