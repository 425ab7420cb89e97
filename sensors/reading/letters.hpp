// Letter case of ASCII, whatever the locale; other bytes stay as they are. Pure.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>

namespace weather::sensors {

constexpr char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

inline std::string lower(std::string_view text) {
  std::string out(text);
  for (auto& c : out) c = lower(c);
  return out;
}

constexpr bool alike(char a, char b) {
  return lower(a) == lower(b);
}

constexpr bool starts_alike(std::string_view text, std::string_view with) {
  return text.size() >= with.size() && std::equal(with.begin(), with.end(), text.begin(), alike);
}

}  // namespace weather::sensors
