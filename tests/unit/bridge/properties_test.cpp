#include "bridge/kafka/properties.hpp"

#include <algorithm>
#include <random>
#include <set>

#include <gtest/gtest.h>

namespace weather::bridge {
namespace {

std::string value_of(const ParsedProperties& parsed, const std::string& key) {
  if (!parsed) return "(error)";
  for (const auto& property : *parsed)
    if (property.key == key) return property.value;
  return "(none)";
}

std::string error_of(std::string_view text) {
  const auto parsed = parse_properties(text);
  return parsed ? "(none)" : describe(parsed.error(), "client.properties");
}

TEST(Properties, ReadsTheArticlesFile) {
  const auto parsed = parse_properties(
      "# where Kafka is\n\nbootstrap.servers=localhost:9092\n   \n  ! another "
      "comment\nsecurity.protocol=PLAINTEXT\n");
  ASSERT_TRUE(parsed);
  ASSERT_EQ(parsed->size(), 2U);
  EXPECT_EQ(value_of(parsed, "bootstrap.servers"), "localhost:9092");
  EXPECT_EQ(value_of(parsed, "security.protocol"), "PLAINTEXT");
  EXPECT_EQ((*parsed)[0].line, 3U);
  EXPECT_EQ((*parsed)[1].line, 6U);
}

TEST(Properties, TakesJavasSeparatorsBlanksAndEscapes) {
  const auto parsed = parse_properties("a = 1\nb: 2\nc 3\nd\\=e\\:f\\ g = x=y:z\nh = caf\\u00e9\\tA\ni =\n");
  EXPECT_EQ(value_of(parsed, "a"), "1");
  EXPECT_EQ(value_of(parsed, "b"), "2");
  EXPECT_EQ(value_of(parsed, "c"), "3");
  EXPECT_EQ(value_of(parsed, "d=e:f g"), "x=y:z");
  EXPECT_EQ(value_of(parsed, "h"), "caf\xC3\xA9\tA");
  EXPECT_EQ(value_of(parsed, "i"), "");
}

TEST(Properties, JoinsContinuedLinesAndKeepsTheFirstLinesNumber) {
  const auto parsed = parse_properties("x=1\nlist = a,\\\n    b,\\\n    c\ny=2\\\\\nz=3");
  EXPECT_EQ(value_of(parsed, "list"), "a,b,c");
  EXPECT_EQ(value_of(parsed, "y"), "2\\");
  EXPECT_EQ(value_of(parsed, "z"), "3");
  EXPECT_EQ((*parsed)[1].line, 2U);
  EXPECT_EQ((*parsed)[2].line, 5U);
}

TEST(Properties, TakesWindowsLineEndsAByteOrderMarkAndTrailingBlanks) {
  const auto parsed = parse_properties("\xEF\xBB\xBFretries=3 \r\nlinger.ms=5\t\r\n");
  EXPECT_EQ(value_of(parsed, "retries"), "3");
  EXPECT_EQ(value_of(parsed, "linger.ms"), "5");
  EXPECT_EQ((*parsed)[1].line, 2U);
}

TEST(Properties, NamesTheLineOfEachMistake) {
  EXPECT_EQ(error_of("ok=1\nacks\n"), "client.properties:2: there is no '=' after \"acks\"");
  EXPECT_EQ(error_of("\n=value\n"), "client.properties:2: there is no key before '='");
  EXPECT_EQ(error_of("a=\\u12"), "client.properties:1: \\u must be followed by four hexadecimal digits");
  EXPECT_EQ(error_of("acks=1\nb=2\nacks=3"),
            "client.properties:3: \"acks\" was already set in line 1: remove one of the two");
  EXPECT_EQ(error_of("acks\nhunter2"),
            "client.properties:1: there is no '=' after \"acks\"\nclient.properties:2: there is no '=' after "
            "what stands there");
}

// Either every key is there once, at a line that exists, or every error says at which one.
TEST(Properties, AnyBytesAreSettingsOrErrorsWithTheirLine) {
  constexpr std::string_view letters = "ab=:#! \t\f\\\r\nu00e9\xC3\xFF\0";
  std::mt19937 random(1);
  for (int i = 0; i < 20'000; ++i) {
    std::string bytes;
    for (auto length = random() % 40; length > 0; --length) bytes += letters[random() % letters.size()];
    const auto lines = static_cast<std::size_t>(
                           std::ranges::count_if(bytes, [](char c) { return c == '\n' || c == '\r'; })) +
                       1;
    const auto parsed = parse_properties(bytes);
    if (!parsed) {
      EXPECT_FALSE(parsed.error().empty());
      for (const auto& error : parsed.error()) {
        EXPECT_TRUE(error.line >= 1 && error.line <= lines)
            << testing::PrintToString(bytes) << " line " << error.line;
        EXPECT_FALSE(error.text.empty());
      }
      continue;
    }
    std::set<std::string> keys;
    for (const auto& one : *parsed) {
      EXPECT_TRUE(one.line >= 1 && one.line <= lines)
          << testing::PrintToString(bytes) << " line " << one.line;
      EXPECT_TRUE(keys.insert(one.key).second)
          << testing::PrintToString(bytes) << ": " << one.key << " twice";
    }
  }
}

}  // namespace
}  // namespace weather::bridge
