#include "bridge/encode/match.hpp"

#include <algorithm>

namespace weather::bridge {
namespace {

std::vector<std::string> split(std::string_view text) {
  std::vector<std::string> parts;
  for (;;) {
    const auto bar = std::min(text.find('|'), text.size());
    parts.emplace_back(text.substr(0, bar));
    if (bar == text.size()) return parts;
    text.remove_prefix(bar + 1);
  }
}

bool fits_any(const std::vector<std::string>& patterns, std::string_view text) {
  return std::any_of(patterns.begin(), patterns.end(),
                     [text](const std::string& pattern) { return fits_glob(pattern, text); });
}

}  // namespace

bool fits_glob(std::string_view pattern, std::string_view text) {
  std::size_t p = 0, t = 0, star = std::string_view::npos, resume = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      resume = t;
    } else if (p < pattern.size() && pattern[p] == text[t]) {
      ++p;
      ++t;
    } else if (star != std::string_view::npos) {  // let the last '*' take one character more
      p = star + 1;
      t = ++resume;
    } else {
      return false;
    }
  }
  return pattern.find_first_not_of('*', p) == std::string_view::npos;
}

tl::expected<Match, std::string> Match::parse(const MatchPatterns& patterns) {
  Match result;
  for (const auto& [name, text] : patterns) {
    const auto field = field_from(name);
    if (!field) return tl::unexpected(unknown_field(name));
    const bool inverted = !text.empty() && text.front() == '!';
    const auto alternatives = split(std::string_view(text).substr(inverted ? 1 : 0));
    if (std::any_of(alternatives.begin(), alternatives.end(), [](const auto& one) { return one.empty(); }))
      return tl::unexpected(name + " has an empty pattern; * stands for anything");
    result.patterns_.push_back({*field, inverted, alternatives});
  }
  return result;
}

bool Match::fits(const TemplateFields& fields, std::span<const std::string_view> quantities) const {
  return std::all_of(patterns_.begin(), patterns_.end(), [&](const Pattern& pattern) {
    const bool found =
        pattern.field == Field::quantity
            ? std::any_of(quantities.begin(), quantities.end(),
                          [&](std::string_view name) { return fits_any(pattern.alternatives, name); })
            : fits_any(pattern.alternatives, value_of(pattern.field, fields));
    return found != pattern.inverted;
  });
}

}  // namespace weather::bridge
