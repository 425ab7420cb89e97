// The worked example of docs/mapping.md does what the text beside it says.
#include <fstream>
#include <iterator>

#include <gtest/gtest.h>

#include "tests/unit/mapping/decoded.hpp"

namespace weather::sensors {
namespace {

std::string between(const std::string& text, const std::string& begin, const std::string& end) {
  const auto from = text.find(begin);
  const auto to = text.find(end, from + begin.size());
  EXPECT_NE(to, std::string::npos) << begin;
  return to == std::string::npos ? std::string() : text.substr(from + begin.size(), to - from - begin.size());
}

TEST(MappingDocumentation, TheWorkedExampleWorks) {
  std::ifstream file(WEATHER_MAPPING_DOC);
  const std::string text(std::istreambuf_iterator<char>(file), {});
  const auto payload = "{\"serial\"" + between(text, "publishes `{\"serial\"", "` to");
  const auto mapping = "[[mapping]]" + between(text, "\n[[mapping]]", "```");
  EXPECT_EQ(decode_with(mapping, "station/shed/json", payload),
            "station:shed: air_temperature 22, relative_humidity 48, wind_speed 10; battery 2.9 V; "
            "{\"serial\":17,\"windUnit\":\"km/h\"}");
}

}  // namespace
}  // namespace weather::sensors
