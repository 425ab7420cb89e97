#include "gateway/output/columns.hpp"

#include <cstdlib>
#include <ctime>
#include <random>

#include <gtest/gtest.h>

#include "gateway/output/keys.hpp"
#include "gateway/output/style.hpp"
#include "gateway/output/time_text.hpp"
#include "sensors/reading/json_text.hpp"

namespace weather::gateway {
namespace {

TEST(Columns, OfWideAndCombiningCharacters) {
  EXPECT_EQ(columns_of("21.6 °C"), 7U);
  EXPECT_EQ(columns_of("温度"), 4U);
  EXPECT_EQ(columns_of("e\xCC\x81"), 1U);
  EXPECT_EQ(columns_of(""), 0U);
}

TEST(Columns, WhatIsCutOffLeavesASign) {
  EXPECT_EQ(cut("weather", 7), "weather");
  EXPECT_EQ(cut("weather", 6), "weath…");
  EXPECT_EQ(cut("üüü", 2), "ü…");
  EXPECT_EQ(cut("温度計", 4), "温…");
  EXPECT_EQ(cut("weather", 0), "");
  EXPECT_EQ(fit("ab", 4), "ab  ");
  EXPECT_EQ(fit("温度計", 4), "温… ");
  EXPECT_EQ(without_columns("üüa", 2), "a");
  EXPECT_EQ(without_columns("ab", 5), "");
}

TEST(Columns, NothingIsWiderThanItMayBeOrBrokenInside) {
  const std::string alphabet[] = {"a", "ü", "温", "e\xCC\x81", "…", " ", "🌧"};
  std::mt19937 random(7);
  for (int run = 0; run < 5000; ++run) {
    std::string text;
    for (auto i = random() % 12; i > 0; --i) text += alphabet[random() % std::size(alphabet)];
    const std::size_t width = random() % 14;
    EXPECT_LE(columns_of(cut(text, width)), width);
    EXPECT_EQ(columns_of(fit(text, width)), width);
    EXPECT_TRUE(sensors::is_utf8(fit(text, width)));
    EXPECT_TRUE(sensors::is_utf8(without_columns(text, width)));
  }
}

TEST(Columns, WrappedTextIsAllThereAndFits) {
  EXPECT_EQ(wrap("one two three", 8), (std::vector<std::string>{"one two", "three"}));
  EXPECT_EQ(wrap("", 8), std::vector<std::string>{""});
  EXPECT_EQ(wrap("abcdefghij", 4), (std::vector<std::string>{"abcd", "efgh", "ij"}));
  const std::string alphabet[] = {"a", "ü", "温", " ", " b"};
  std::mt19937 random(11);
  for (int run = 0; run < 3000; ++run) {
    std::string text, joined;
    for (auto i = random() % 60; i > 0; --i) text += alphabet[random() % std::size(alphabet)];
    const std::size_t width = 2 + random() % 20;
    for (const auto& line : wrap(text, width)) {
      EXPECT_LE(columns_of(line), width);
      joined += line;
    }
    std::erase(text, ' ');
    std::erase(joined, ' ');
    EXPECT_EQ(joined, text);
  }
}

TEST(StyledLine, IsAsWideAsItMayBeWhateverItsColours) {
  StyledLine line(8, true);
  line.add("abc", Tone::bad).add("def").add("ghijk", Tone::good).add("more");
  EXPECT_EQ(line.left(), 0U);
  EXPECT_EQ(line.take(), "\x1b[31mabc\x1b[0mdef\x1b[32mg…\x1b[0m");
  EXPECT_EQ(StyledLine(8, false).add("abc", Tone::bad).take(), "abc");
}

TEST(Colour, IsWhereATerminalIsAndNobodyForbadeIt) {
  EXPECT_TRUE(colour_allowed(true, nullptr, "xterm"));
  EXPECT_TRUE(colour_allowed(true, "", nullptr));  // no-color.org: not an empty one
  EXPECT_FALSE(colour_allowed(true, "1", "xterm"));
  EXPECT_FALSE(colour_allowed(true, "0", "xterm"));
  EXPECT_FALSE(colour_allowed(true, nullptr, "dumb"));
  EXPECT_FALSE(colour_allowed(false, nullptr, "xterm"));
}

TEST(TimeText, IsOfTheZoneOfThisProcess) {
  ::setenv("TZ", "Africa/Nairobi", 1);
  ::tzset();
  EXPECT_EQ(time_text("2025-09-20T06:30:00.123456789Z"), "2025-09-20 09:30:00");
  EXPECT_EQ(time_text(std::int64_t{0}), "–");
  EXPECT_EQ(time_text("yesterday"), "yesterday");
  ::unsetenv("TZ");
  ::tzset();
}

std::vector<Key> keys_of(std::string_view bytes) {
  KeyDecoder decoder;
  std::vector<Key> keys;
  for (const char byte : bytes)
    if (auto key = decoder.take(byte)) keys.push_back(*key);
  if (auto key = decoder.flush()) keys.push_back(*key);
  return keys;
}

TEST(Keys, AreThoseOfTheTerminalsPeopleHave) {
  const auto one = [](KeyName name) { return std::vector<Key>{{name, {}}}; };
  for (const auto* up : {"\x1b[A", "\x1bOA"}) EXPECT_EQ(keys_of(up), one(KeyName::up));
  for (const auto* home : {"\x1b[H", "\x1bOH", "\x1b[1~", "\x1b[7~"})
    EXPECT_EQ(keys_of(home), one(KeyName::home));
  EXPECT_EQ(keys_of("\x1b[6~"), one(KeyName::page_down));
  EXPECT_EQ(keys_of("\x1b[15~"), one(KeyName::other));  // F5
  EXPECT_EQ(keys_of("\x1b"), one(KeyName::escape));
  EXPECT_EQ(keys_of("\x1bq"), one(KeyName::other));  // Alt+q ends nothing
  EXPECT_EQ(keys_of("\x7f"), one(KeyName::backspace));
  EXPECT_EQ(keys_of("\x03"), one(KeyName::interrupt));
  EXPECT_EQ(keys_of("ü"), (std::vector<Key>{{KeyName::text, "ü"}}));
  EXPECT_EQ(keys_of("q\x1b[Bq").size(), 3U);
}

TEST(Keys, NoBytesConfuseThemForLong) {
  std::mt19937 random(3);
  KeyDecoder decoder;
  for (int run = 0; run < 3000; ++run) {
    for (auto i = random() % 30; i > 0; --i) {
      const auto key = decoder.take(static_cast<char>(random()));
      EXPECT_TRUE(!key || key->name != KeyName::text || !key->text.empty());
    }
    decoder.flush();
    EXPECT_FALSE(decoder.pending());
    EXPECT_EQ(decoder.take('q'), (Key{KeyName::text, "q"}));
  }
}

}  // namespace
}  // namespace weather::gateway
