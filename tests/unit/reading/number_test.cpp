#include "sensors/reading/number.hpp"

#include <cmath>
#include <limits>
#include <random>

#include <gtest/gtest.h>

namespace weather::sensors {
namespace {

TEST(Number, TheShortestTextThatReadsBackIsWritten) {
  EXPECT_EQ(format_number(22.5), "22.5");
  EXPECT_EQ(format_number(60), "60");
  EXPECT_EQ(format_number(0.1), "0.1");
  EXPECT_EQ(format_number(-4.4), "-4.4");
  EXPECT_EQ(format_number(1e22), "1e+22");
  EXPECT_EQ(format_number(5e-324), "5e-324");
}

TEST(Number, WhatJsonHasNoWordForIsNull) {
  EXPECT_EQ(format_number(std::nan("")), "null");
  EXPECT_EQ(format_number(std::numeric_limits<double>::infinity()), "null");
}

TEST(Number, AnyDoubleReadsBackAsItself) {
  std::mt19937_64 random(20250920);
  for (int i = 0; i < 10'000; ++i) {
    const double value = std::ldexp(static_cast<double>(random()), static_cast<int>(random() % 600) - 300);
    EXPECT_EQ(parse_double(format_number(value)), value);
  }
}

TEST(Number, AnIntegerStaysOne) {
  const auto number = parse_number("60");
  ASSERT_TRUE(number);
  EXPECT_EQ(std::get<std::int64_t>(*number), 60);
  EXPECT_EQ(std::get<std::int64_t>(*parse_number("-9223372036854775808")),
            std::numeric_limits<std::int64_t>::min());
  EXPECT_DOUBLE_EQ(std::get<double>(*parse_number("18446744073709551616")), 18446744073709551616.0);
  EXPECT_DOUBLE_EQ(std::get<double>(*parse_number(" +12.30 ")), 12.3);
}

TEST(Number, WhatIsNotAPlainDecimalNumberIsRefused) {
  for (const char* text :
       {"", " ", "nan", "inf", "0x10", "1,5", "12.3 C", "--1", "+-1", "1e999", "e5", ".", "unavailable"}) {
    EXPECT_FALSE(parse_number(text)) << text;
  }
}

TEST(Number, RoundingKeepsTheWantedDigits) {
  EXPECT_EQ(round_significant(22.099999999999998, 12), 22.1);
  EXPECT_EQ(round_significant(-0.00012345678, 3), -0.000123);
  EXPECT_EQ(round_significant(0, 12), 0);
  EXPECT_TRUE(std::isnan(round_significant(std::nan(""), 12)));
}

}  // namespace
}  // namespace weather::sensors
