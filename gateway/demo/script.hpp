// What happens to the link during a demo: "cut@3s,restore@6s". Pure.
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include <tl/expected.hpp>

namespace weather::gateway {

enum class LinkAction : std::uint8_t { cut, restore };

struct ScriptStep {
  std::chrono::milliseconds at{};
  LinkAction action = LinkAction::cut;
  friend bool operator==(const ScriptStep&, const ScriptStep&) = default;
};

inline constexpr std::string_view default_script = "cut@3s,restore@6s";

// In order of time. The error is a sentence.
tl::expected<std::vector<ScriptStep>, std::string> parse_script(std::string_view text);

}  // namespace weather::gateway
