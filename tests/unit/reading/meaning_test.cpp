#include "sensors/reading/meaning.hpp"

#include <gtest/gtest.h>

namespace weather::sensors {
namespace {

TEST(Meaning, ANumberAsTextIsThatNumber) {
  EXPECT_EQ(meaning_of_text("24.1"), Value(24.1));
  EXPECT_EQ(meaning_of_text(" 60\r\n"), Value(std::int64_t{60}));
  EXPECT_EQ(meaning_of_text(std::string_view("22.5\0", 5)), Value(22.5));
  EXPECT_EQ(meaning_of_text("\xEF\xBB\xBF"
                            "7"),
            Value(std::int64_t{7}));
  EXPECT_EQ(meaning_of_text("+5"), Value(std::int64_t{5}));
}

TEST(Meaning, WhatProgramsWriteForNoValueIsNoValue) {
  for (const std::string_view none : {"", "  ", "nan", "NaN", "-nan", "INF", "-inf", "Infinity", "null",
                                      "unavailable", "Unknown", "None", "n/a", "--", "offline"})
    EXPECT_EQ(meaning_of_text(none), Value(std::monostate{})) << none;
}

TEST(Meaning, ATextIsKeptToItsLastDigit) {
  for (const std::string_view text : {"21,4", "1.2.3", "0x10", "14627333968688430831", "12 C", "NNW"})
    EXPECT_EQ(meaning_of_text(text), Value(text)) << text;
}

}  // namespace
}  // namespace weather::sensors
