#include "bridge/options/duration_text.hpp"

#include <cstdint>

namespace weather::bridge {

std::string duration_text(std::chrono::seconds time) {
  const auto s = time.count();
  const auto two = [](std::int64_t large, const char* unit, std::int64_t small, const char* small_unit) {
    return std::to_string(large) + unit + (small == 0 ? "" : " " + std::to_string(small) + small_unit);
  };
  if (s < 60) return std::to_string(s) + " s";
  if (s < 3'600) return two(s / 60, " min", s % 60, " s");
  if (s < 86'400) return two(s / 3'600, " h", s % 3'600 / 60, " min");
  return two(s / 86'400, " d", s % 86'400 / 3'600, " h");
}

std::string rough_duration(std::chrono::milliseconds time) {
  const auto s = std::chrono::duration_cast<std::chrono::seconds>(time).count();
  if (s < 2 * 60) return std::to_string(s) + " s";
  if (s < 2 * 3'600) return std::to_string(s / 60) + " min";
  if (s < 2 * 86'400) return std::to_string(s / 3'600) + " h";
  return std::to_string(s / 86'400) + " days";
}

}  // namespace weather::bridge
