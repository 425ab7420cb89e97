#include "gateway/demo/script.hpp"

#include <algorithm>

#include "gateway/config/values.hpp"

namespace weather::gateway {

tl::expected<std::vector<ScriptStep>, std::string> parse_script(std::string_view text) {
  std::vector<ScriptStep> steps;
  while (!text.empty()) {
    const auto comma = std::min(text.find(','), text.size());
    const auto step = text.substr(0, comma);
    text.remove_prefix(std::min(comma + 1, text.size()));
    const auto at = step.find('@');
    const auto action = step.substr(0, at);
    if (at == std::string_view::npos || (action != "cut" && action != "restore"))
      return tl::unexpected("\"" + std::string(step) + "\" is not an action; write cut@3s or restore@6s");
    const auto when = parse_duration(step.substr(at + 1));
    if (!when) return tl::unexpected(when.error());
    steps.push_back({*when, action == "cut" ? LinkAction::cut : LinkAction::restore});
  }
  std::stable_sort(steps.begin(), steps.end(),
                   [](const ScriptStep& a, const ScriptStep& b) { return a.at < b.at; });
  return steps;
}

}  // namespace weather::gateway
