#include "bridge/oauth/token.hpp"

#include <cstdint>

namespace weather::oauth {

std::string in_words(std::chrono::seconds time) {
  const auto s = time.count();
  const auto two = [](std::int64_t large, const char* name, std::int64_t small, const char* small_name) {
    return std::to_string(large) + name + (small > 0 ? " " + std::to_string(small) + small_name : "");
  };
  if (s < 60) return std::to_string(s) + " s";
  if (s < 3600) return std::to_string(s / 60) + " min";
  if (s < 172'800) return two(s / 3600, " h", s % 3600 / 60, " min");
  return two(s / 86'400, " days", s % 86'400 / 3600, " h");
}

}  // namespace weather::oauth
