#include "sensors/i2c/bme680.hpp"

#include <algorithm>
#include <cmath>
#include <random>

#include <gmock/gmock.h>

#include "tests/unit/i2c/fake_chips.hpp"
#include "tests/unit/i2c/measured_text.hpp"

namespace weather::sensors::i2c {
namespace {

using testing::HasSubstr;

Bme680Calibration real_one() {
  return *read_calibration({test::real_calibration.begin(), test::real_calibration.end()});
}

// The names of the calibration that pimoroni/bme680-python has in its tests.
TEST(Bme680Calibration, IsTakenApartAsTheDriverDoes) {
  const auto c = real_one();
  EXPECT_EQ(c.t1, 26041);
  EXPECT_EQ(c.t2, 26469);
  EXPECT_EQ(c.t3, 3);
  EXPECT_EQ(c.p1, 36673);
  EXPECT_EQ(c.p2, -10515);
  EXPECT_EQ(c.p3, 88);
  EXPECT_EQ(c.p4, 7310);
  EXPECT_EQ(c.p5, -129);
  EXPECT_EQ(c.p6, 30);
  EXPECT_EQ(c.p7, 46);
  EXPECT_EQ(c.p8, -3177);
  EXPECT_EQ(c.p9, -2379);
  EXPECT_EQ(c.p10, 30);
  EXPECT_EQ(c.h1, 676);
  EXPECT_EQ(c.h2, 1029);
  EXPECT_EQ(c.h4, 45);
  EXPECT_EQ(c.h5, 20);
  EXPECT_EQ(c.h6, 120);
  EXPECT_EQ(c.h7, -100);
  EXPECT_EQ(c.gh1, -30);
  EXPECT_EQ(c.gh2, -24754);
  EXPECT_EQ(c.gh3, 18);
  EXPECT_EQ(c.res_heat_range, 1);
  EXPECT_EQ(c.res_heat_val, 48);
  EXPECT_FALSE(read_calibration(Bytes(41)));
}

// pimoroni/bme680-python, tests/test_compensation.py: t_fine 136668.78, 98716.92 Pa and 42.41028 % in
// floating point; 12946860 and 102400000 ohm.
TEST(Bme680Formulas, GiveWhatAnotherLibrarysTestsExpect) {
  auto c = real_one();
  const double celsius = bme680_celsius(501240, c);
  EXPECT_NEAR(celsius * 5120, 136668.78, 0.01);
  EXPECT_NEAR(bme680_pascal(353485, celsius, c), 98716.92, 0.5);
  EXPECT_NEAR(bme680_percent(19019, celsius, c), 42.41028, 0.001);
  EXPECT_NEAR(bme680_ohm(0, 0, c), 12'946'860, 20);
  c.gas_high = true;
  EXPECT_NEAR(bme680_ohm(0, 0, c), 102'400'000, 1);
}

// The formulas in whole numbers (datasheet, chapters 3.3.1 to 3.3.3 and 5.3): another way to the same value.
struct InWholeNumbers {
  const Bme680Calibration& of;
  std::int64_t t_fine = 0;

  std::int64_t hundredths(std::int64_t raw) {
    const auto first = (raw >> 3) - (static_cast<std::int64_t>(of.t1) << 1);
    const auto second = first * of.t2 >> 11;
    const auto third = ((first >> 1) * (first >> 1) >> 12) * (of.t3 * 16) >> 14;
    t_fine = second + third;
    return (t_fine * 5 + 128) >> 8;
  }
  std::int64_t pascal(std::int64_t raw) const {
    const auto fine = (t_fine >> 1) - 64000;
    auto offset = ((fine >> 2) * (fine >> 2) >> 11) * of.p6 >> 2;
    offset = ((offset + fine * of.p5 * 2) >> 2) + static_cast<std::int64_t>(of.p4) * 65536;
    auto slope = (((fine >> 2) * (fine >> 2) >> 13) * (of.p3 * 32) >> 3) + (of.p2 * fine >> 1);
    slope = (32768 + (slope >> 18)) * of.p1 >> 15;
    const auto linear = (1048576 - raw - (offset >> 12)) * 6250 / slope;
    const auto ninth = of.p9 * ((linear >> 3) * (linear >> 3) >> 13) >> 12;
    const auto eighth = (linear >> 2) * of.p8 >> 13;
    const auto tenth = (linear >> 8) * (linear >> 8) * (linear >> 8) * of.p10 >> 17;
    return linear + ((ninth + eighth + tenth + of.p7 * 128) >> 4);
  }
  std::int64_t thousandths(std::int64_t raw) const {
    const auto warm = (t_fine * 5 + 128) >> 8;
    const auto first = raw - of.h1 * 16 - (warm * of.h3 / 100 >> 1);
    const auto second =
        of.h2 * (warm * of.h4 / 100 + ((warm * (warm * of.h5 / 100) >> 6) / 100) + 16384) >> 10;
    const auto third = first * second;
    const auto fourth = (of.h6 * 128 + warm * of.h7 / 100) >> 4;
    const auto fifth = (third >> 14) * (third >> 14) >> 10;
    return std::clamp<std::int64_t>(((third + (fourth * fifth >> 1)) >> 10) * 1000 >> 12, 0, 100'000);
  }
};

TEST(Bme680Formulas, AgreeWithThoseInWholeNumbersForChipsLikeTheRealOne) {
  std::mt19937 random(680);
  const auto near = [&](auto value, int spread) {
    using T = decltype(value);
    return static_cast<T>(value + std::uniform_int_distribution(-spread, spread)(random));
  };
  int compared = 0;
  for (int i = 0; i < 20'000; ++i) {
    auto c = real_one();
    c.t1 = near(c.t1, 300), c.t2 = near(c.t2, 500), c.t3 = near(c.t3, 2);
    c.p1 = near(c.p1, 2000), c.p2 = near(c.p2, 300), c.p4 = near(c.p4, 3000), c.p5 = near(c.p5, 100);
    c.p7 = near(c.p7, 40), c.p8 = near(c.p8, 3000), c.p9 = near(c.p9, 1000);
    c.h1 = near(c.h1, 150), c.h2 = near(c.h2, 50), c.h3 = near(c.h3, 2), c.h7 = near(c.h7, 20);
    const auto raw_t = std::uniform_int_distribution<std::uint32_t>(330'000, 690'000)(random);
    const auto raw_p = std::uniform_int_distribution<std::uint32_t>(250'000, 600'000)(random);
    const auto raw_h = std::uniform_int_distribution<std::uint32_t>(12'000, 32'000)(random);
    InWholeNumbers whole{c};
    const double celsius = bme680_celsius(raw_t, c);
    ASSERT_NEAR(celsius, static_cast<double>(whole.hundredths(raw_t)) / 100, 0.02);
    if (celsius < -40 || celsius > 85) continue;
    const double pascal = bme680_pascal(raw_p, celsius, c);
    if (pascal < 30'000 || pascal > 110'000) continue;
    ++compared;
    ASSERT_NEAR(pascal, static_cast<double>(whole.pascal(raw_p)), 30);
    ASSERT_NEAR(bme680_percent(static_cast<std::uint16_t>(raw_h), celsius, c),
                static_cast<double>(whole.thousandths(raw_h)) / 1000, 0.15);
  }
  EXPECT_GT(compared, 5'000);
}

// The formula of the gas in whole numbers, with its tables (datasheet, chapter 3.4.1).
TEST(Bme680Formulas, TheGasAgreesWithThatInWholeNumbers) {
  constexpr std::array<std::int64_t, 16> first{
      2147483647, 2147483647, 2147483647, 2147483647, 2147483647, 2126008810, 2147483647, 2130303777,
      2147483647, 2147483647, 2143188679, 2136746228, 2147483647, 2126008810, 2147483647, 2147483647};
  constexpr std::array<std::int64_t, 16> second{
      4096000000, 2048000000, 1024000000, 512000000, 255744255, 127110228, 64000000, 32258064,
      16016016,   8000000,    4000000,    2000000,   1000000,   500000,    250000,   125000};
  for (int error = -8; error < 8; ++error)
    for (std::uint8_t range = 0; range < 16; ++range)
      for (int raw = 0; raw < 1024; ++raw) {
        auto c = real_one();
        c.range_sw_err = static_cast<std::int8_t>(error);
        const auto one = (1340 + 5 * error) * first[range] >> 16;
        const auto two = (static_cast<std::int64_t>(raw) << 15) - 16777216 + one;
        const auto whole = static_cast<double>(((second[range] * one >> 9) + (two >> 1)) / two);
        ASSERT_NEAR(bme680_ohm(static_cast<std::uint16_t>(raw), range, c), whole, 1 + whole / 1000);
      }
}

// Bosch's formula in whole numbers (bme68x.c, calc_res_heat) takes next to nothing of the ambient
// temperature, so they are compared at 0 degC.
TEST(Bme680Heater, ResistanceAgreesWithThatInWholeNumbers) {
  const auto c = real_one();
  for (std::int64_t celsius = 200; celsius <= 400; celsius += 5) {
    const auto two = (c.gh1 + 784) * ((((c.gh2 + 154009) * celsius * 5) / 100 + 3276800) / 10);
    const auto four = two / 2 / (c.res_heat_range + 4);
    const auto steps = (four / (131 * c.res_heat_val + 65536) - 250) * 34;
    EXPECT_NEAR(bme680_heater_resistance(static_cast<int>(celsius), 0, c), static_cast<double>(steps) / 100,
                1.5);
  }
  EXPECT_GT(bme680_heater_resistance(300, -20, c), bme680_heater_resistance(300, -100, c));
  EXPECT_EQ(bme680_heater_resistance(500, 25, c), bme680_heater_resistance(400, 25, c));
}

TEST(Bme680Heater, TimeIsSixBitsAndAFactorOfFour) {
  using namespace std::chrono_literals;
  EXPECT_EQ(bme680_heater_time(63ms), 0x3F);
  EXPECT_EQ(bme680_heater_time(100ms), 0x59);  // the datasheet's example: 25 times 4
  EXPECT_EQ(bme680_heater_time(150ms), 37 | 0x40);
  EXPECT_EQ(bme680_heater_time(4032ms), 0xFF);
  EXPECT_EQ(bme680_heater_time(9s), 0xFF);
}

// What the registers hold after a measurement of raw numbers.
Bytes field(std::uint32_t pressure, std::uint32_t temperature, std::uint16_t humidity,
            std::uint8_t gas_status) {
  Bytes out(bme680_field);
  out[0] = 0x80;
  const auto twenty = [&](std::size_t at, std::uint32_t raw) {
    out[at] = static_cast<std::uint8_t>(raw >> 12);
    out[at + 1] = static_cast<std::uint8_t>(raw >> 4 & 0xFF);
    out[at + 2] = static_cast<std::uint8_t>(raw << 4 & 0xF0);
  };
  twenty(2, pressure);
  twenty(5, temperature);
  out[8] = static_cast<std::uint8_t>(humidity >> 8);
  out[9] = static_cast<std::uint8_t>(humidity & 0xFF);
  out[13] = 512 >> 2;
  out[14] = gas_status;
  return out;
}

TEST(Bme680, AMeasurementIsFourValues) {
  EXPECT_EQ(text_of(decode_bme680(field(353485, 501240, 19019, 0x34), real_one())),
            "air_temperature 26.69 Cel, relative_humidity 42.41 %, air_pressure 987.17 hPa, gas_resistance "
            "499500 Ohm");
}

TEST(Bme680, GasOfAPlateThatIsNotWarmOrNotMeasuredIsNoValue) {
  for (const auto status : Bytes{0x24, 0x14, 0x04})
    EXPECT_THAT(text_of(decode_bme680(field(353485, 501240, 19019, status), real_one())),
                Not(HasSubstr("gas")));
}

TEST(Bme680, TheGasOfABme688IsInOtherBytes) {
  auto c = real_one();
  c.gas_high = true;
  auto bytes = field(353485, 501240, 19019, 0x34);
  EXPECT_THAT(text_of(decode_bme680(bytes, c)), Not(HasSubstr("gas")));
  bytes[15] = 512 >> 2;
  bytes[16] = 0x34;
  EXPECT_THAT(text_of(decode_bme680(bytes, c)), HasSubstr("gas_resistance 4e+06 Ohm"));
}

TEST(Bme680, WhatWasNotMeasuredIsNoValue) {
  EXPECT_EQ(text_of(decode_bme680(field(0x80000, 501240, 0x8000, 0), real_one())),
            "air_temperature 26.69 Cel");
  EXPECT_TRUE(decode_bme680(field(353485, 0x80000, 19019, 0), real_one()).values.empty());
  auto old = field(353485, 501240, 19019, 0);
  old[0] = 0x20;
  EXPECT_TRUE(decode_bme680(old, real_one()).values.empty());
}

TEST(Bme680, WhatItCannotMeasureIsNoValue) {
  EXPECT_THAT(text_of(decode_bme680(field(900'000, 501240, 19019, 0), real_one())),
              HasSubstr("air_pressure cannot be"));
  EXPECT_TRUE(decode_bme680(field(353485, 0, 19019, 0), real_one()).values.empty());
  EXPECT_THAT(text_of(decode_bme680(field(353485, 501240, 19019, 0), Bme680Calibration{})),
              HasSubstr("air_pressure cannot be that"));
}

}  // namespace
}  // namespace weather::sensors::i2c
