#include "sensors/reading/printable.hpp"

#include <gtest/gtest.h>

#include "sensors/reading/json_text.hpp"

namespace weather::sensors {
namespace {

std::string utf8(std::uint32_t code) {
  const auto tail = [code](unsigned shift) { return static_cast<char>(0x80U | ((code >> shift) & 0x3FU)); };
  if (code < 0x80) return {static_cast<char>(code)};
  if (code < 0x800) return {static_cast<char>(0xC0U | code >> 6U), tail(0)};
  if (code < 0x10000) return {static_cast<char>(0xE0U | code >> 12U), tail(6), tail(0)};
  return {static_cast<char>(0xF0U | code >> 18U), tail(12), tail(6), tail(0)};
}

TEST(Printable, LeavesWhatPeopleWrite) {
  for (const auto* text : {"garden/roof 2", "Nürnberg 21.4 °C", "東京", "C:\\weather", "🌦", "{\"a\":1}"})
    EXPECT_EQ(printable(text), text);
}

TEST(Printable, AForgedJournalLineStaysOneLine) {
  EXPECT_EQ(printable("evil\n<3>2026-11-28 error forged"), "evil\\n<3>2026-11-28 error forged");
  EXPECT_EQ(printable("a\r\tb", LineEnds::keep), "a\\r\\tb");
  EXPECT_EQ(printable("a\nb", LineEnds::keep), "a\nb");
}

TEST(Printable, NamesWhatItHides) {
  EXPECT_EQ(printable("\x1b[31m"), "\\x1b[31m");
  EXPECT_EQ(printable(utf8(0x9B) + "31m"), "\\u009b31m");
  EXPECT_EQ(printable(utf8(0x202E) + "abc"), "\\u202eabc");
  EXPECT_EQ(printable(utf8(0xE0001)), "\\U000e0001");
  EXPECT_EQ(printable(std::string_view("a\0b", 3)), "a\\x00b");
  EXPECT_EQ(printable("a\xff\xc3"), "a\\xff\\xc3");
}

TEST(Printable, JsonKeepsItsMeaning) {
  EXPECT_EQ(printable_json("{\"id\":\"" + utf8(0x9B) + utf8(0x202E) + "\"}\n"),
            "{\"id\":\"\\u009b\\u202e\"}\n");
  EXPECT_EQ(printable_json(utf8(0xE0001)), "\\udb40\\udc01");
  EXPECT_EQ(printable_json("\xff"), "\\ufffd");
}

bool steers(std::uint32_t code) {
  return code < 0x20 || (code >= 0x7F && code < 0xA0) || code == 0x61C || code == 0x200E || code == 0x200F ||
         (code >= 0x2028 && code <= 0x202E) || (code >= 0x2066 && code <= 0x2069) || code == 0xFEFF;
}

// Every code point there is: what steers a terminal never comes through, all text stays valid UTF-8.
TEST(Printable, NoCodePointSteers) {
  for (std::uint32_t code = 0; code < 0x110000; ++code) {
    if (code >= 0xD800 && code < 0xE000) continue;
    const auto text = utf8(code);
    const auto shown = printable(text), json = printable_json(text);
    ASSERT_TRUE(is_utf8(shown) && is_utf8(json)) << code;
    if (!steers(code)) continue;
    ASSERT_EQ(shown.find(text), std::string::npos) << code;
    ASSERT_EQ(json.find(text) == std::string::npos, code != '\n') << code;
  }
}

// Every pair of bytes, well-formed or not.
TEST(Printable, AnyBytesComeOutAsTextWithoutControls) {
  for (unsigned pair = 0; pair < 0x10000; ++pair) {
    const std::string bytes{static_cast<char>(pair >> 8U), static_cast<char>(pair & 0xFFU)};
    const auto shown = printable(bytes);
    ASSERT_TRUE(is_utf8(shown)) << pair;
    for (const char c : shown) ASSERT_TRUE(static_cast<unsigned char>(c) >= 0x20 && c != 0x7F) << pair;
  }
}

}  // namespace
}  // namespace weather::sensors
