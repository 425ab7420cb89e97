#include "bridge/core/state.hpp"

#include <array>

namespace weather::bridge::core {

std::string_view name_of(const State& state) {
  constexpr std::array<std::string_view, std::variant_size_v<State>> names{
      "stopped",  "opening", "sending",  "committing", "draining",
      "aborting", "waiting", "renewing", "retiring",   "stopping"};
  return names.at(state.index());
}

std::string Holds::names() const {
  constexpr std::array<std::string_view, 7> names{"paused", "hours",        "rate", "spread",
                                                  "log",    "dead_letters", "queue"};
  std::string text;
  for (std::size_t i = 0; i < names.size(); ++i)
    if (has(static_cast<Hold>(i))) text.append(text.empty() ? "" : ", ").append(names.at(i));
  return text.empty() ? "none" : text;
}

}  // namespace weather::bridge::core
