#include <cmath>
#include <cstdio>
#include <fstream>
#include <sstream>

#include <gmock/gmock.h>

#include "sensors/quality/limits.hpp"
#include "sensors/reading/quantities.hpp"

namespace weather::sensors {
namespace {

std::string documentation() {
  std::ifstream file(WEATHER_SENSORS_DOC);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

std::string shown(double value) {
  if (std::isinf(value)) return "–";
  char text[32];
  std::snprintf(text, sizeof text, "%g", value);
  return text;
}

TEST(Documentation, HasTheLimitsThatHold) {
  const auto text = documentation();
  for (const auto& [name, limits] : default_quality_limits()) {
    const bool rests = limits.rest_low <= limits.rest_high;
    const auto row = "| `" + name + "` | " + shown(limits.low) + " | " + shown(limits.high) + " | " +
                     shown(limits.step) + " | " +
                     (limits.stuck_s == 0 ? "–" : std::to_string(limits.stuck_s / 3600) + " h") + " | " +
                     (rests ? shown(limits.rest_low) + " to " + shown(limits.rest_high) : "–") + " |\n";
    EXPECT_THAT(text, testing::HasSubstr(row));
    EXPECT_EQ(limits.step_within_s, 60U) << "the table's heading says so";
  }
}

TEST(Documentation, HasEveryQuantityWithItsUnits) {
  const auto text = documentation();
  for (const auto& info : known_quantities()) {
    const auto or_else = [](std::string_view unit, const char* otherwise) {
      return unit.empty() ? std::string(otherwise) : std::string(unit);
    };
    EXPECT_THAT(text, testing::HasSubstr("| `" + std::string(info.name) + "` | `" + std::string(info.alias) +
                                         "` | " + or_else(info.unit, "1") + " | " +
                                         or_else(info.imperial_unit, "the same") + " |\n"));
  }
}

}  // namespace
}  // namespace weather::sensors
