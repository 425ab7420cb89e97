#include <gmock/gmock.h>

#include "sensors/i2c/chip.hpp"
#include "sensors/i2c/htu21d.hpp"
#include "sensors/i2c/scd4x.hpp"
#include "sensors/i2c/sen5x.hpp"
#include "sensors/i2c/shtc3.hpp"
#include "tests/unit/i2c/measured_text.hpp"

namespace weather::sensors::i2c {
namespace {

using testing::HasSubstr;

// ---- SCD4x

// Datasheet SCD4x, read_measurement: 500 ppm, 25 degC, 37 %RH, with their checksums.
TEST(Scd4x, ReadsTheExampleOfItsDatasheet) {
  EXPECT_EQ(text_of(decode_scd4x({0x01, 0xF4, 0x33, 0x66, 0x67, 0xA2, 0x5E, 0xB9, 0x3C})),
            "co2 500 [ppm], air_temperature 25 Cel, relative_humidity 37 %");
}

TEST(Scd4x, TheEndsOfTheScale) {
  EXPECT_EQ(text_of(decode_scd4x(sent({40'000, 0x4000, 0xFFFF}))),
            "co2 40000 [ppm], air_temperature -1.25 Cel, relative_humidity 100 %");
}

TEST(Scd4x, NoCo2AtAllIsNoValue) {
  EXPECT_EQ(text_of(decode_scd4x(sent({0, 0x6667, 0x5EB9}))),
            "air_temperature 25 Cel, relative_humidity 37 % | co2 cannot be 0");
}

TEST(Scd4x, AWrongChecksumIsNoValue) {
  EXPECT_THAT(text_of(decode_scd4x({0x01, 0xF4, 0x33, 0x66, 0x67, 0xA2, 0x5E, 0xB9, 0x3D})),
              HasSubstr("checksum"));
  EXPECT_TRUE(decode_scd4x({}).values.empty());
}

// ---- SHTC3

// T = -45 + 175 S / 2^16, RH = 100 S / 2^16.
TEST(Shtc3, TheFormulasOfItsDatasheet) {
  EXPECT_EQ(text_of(decode_shtc3(sent({0x6666, 0x5EB8}))), "air_temperature 25 Cel, relative_humidity 37 %");
  EXPECT_EQ(text_of(decode_shtc3(sent({0x8000, 0x8000}))),
            "air_temperature 42.5 Cel, relative_humidity 50 %");
  EXPECT_EQ(text_of(decode_shtc3(sent({0x2000, 0x0000}))),
            "air_temperature -23.13 Cel, relative_humidity 0 %");
}

TEST(Shtc3, WhatItCannotMeasureIsNoValue) {
  EXPECT_EQ(text_of(decode_shtc3(sent({0x0000, 0x8000}))), " | air_temperature cannot be -45");
  EXPECT_EQ(text_of(decode_shtc3(sent({0xFFFF, 0xFFFF}))), " | air_temperature cannot be 130");
}

// ---- HTU21D

// The words of its datasheet's checksum examples are called 24.7 degC and 32.3 %RH there; 0x7C80 is 54.8 %RH
// on page 15. What is measured at 24.7 degC is corrected by -0.05 %RH.
TEST(Htu21d, ReadsTheExamplesOfItsDatasheet) {
  EXPECT_EQ(text_of(decode_htu21d({0x68, 0x3A, 0x7C}, {0x4E, 0x85, 0x6B})),
            "air_temperature 24.69 Cel, relative_humidity 32.29 %");
  // 25.00 degC: nothing to correct.
  EXPECT_EQ(text_of(decode_htu21d(sent({0x68AC}, htu21d_crc), sent({0x7C80}, htu21d_crc))),
            "air_temperature 25 Cel, relative_humidity 54.79 %");
}

TEST(Htu21d, HumidityIsCorrectedForTheTemperatureBetween0And80) {
  const auto percent_at = [](double celsius) {
    const auto word =
        static_cast<std::uint16_t>(static_cast<unsigned>((celsius + 46.85) / 175.72 * 65536) & ~3U);
    const auto measured = decode_htu21d(sent({word}, htu21d_crc), sent({0x72B0}, htu21d_crc));  // 50.0 %
    return measured.values.at(1).value;
  };
  EXPECT_NEAR(percent_at(25), 50, 0.02);
  EXPECT_NEAR(percent_at(5), 47, 0.02);
  EXPECT_NEAR(percent_at(45), 53, 0.02);
  EXPECT_NEAR(percent_at(0), 46.25, 0.02);
  EXPECT_NEAR(percent_at(-30), 46.25, 0.02);
}

TEST(Htu21d, ALittleBeyondTheEndIsTheEnd) {
  EXPECT_EQ(decode_htu21d(sent({0x68AC}, htu21d_crc), sent({0x0C48}, htu21d_crc)).values.at(1).value, 0);
  EXPECT_EQ(decode_htu21d(sent({0x68AC}, htu21d_crc), sent({0xDB00}, htu21d_crc)).values.at(1).value, 100);
  EXPECT_THAT(text_of(decode_htu21d(sent({0x68AC}, htu21d_crc), sent({0xFFFC}, htu21d_crc))),
              HasSubstr("relative_humidity cannot be 119"));
}

// A wire that is held down reads as zeros, and zeros have the right checksum.
TEST(Htu21d, NothingButZerosIsNoValue) {
  EXPECT_EQ(text_of(decode_htu21d({0, 0, 0}, {0, 0, 0})), " | air_temperature cannot be -46.85");
}

// ---- SEN5x

TEST(Sen5x, TheScalesOfItsDatasheet) {
  EXPECT_EQ(text_of(decode_sen5x(sent({105, 203, 310, 402, 3725, 5005, 1000, 12}), 0)),
            "pm1 10.5 ug/m3, pm2p5 20.3 ug/m3, pm4 31 ug/m3, pm10 40.2 ug/m3, relative_humidity 37.25 %, "
            "air_temperature 25.03 Cel, voc_index 100, nox_index 1.2");
  EXPECT_EQ(decode_sen5x(sent({0, 0, 0, 0, 0, 0xF830, 10, 10}), 0).values.at(5).value, -10);
}

TEST(Sen5x, WhatAModuleDoesNotHaveOrKnowYetIsLeftOutWithoutAWord) {
  EXPECT_EQ(text_of(decode_sen5x(sent({5, 6, 7, 8, 0x7FFF, 0x7FFF, 0x7FFF, 0x7FFF}), 0)),
            "pm1 0.5 ug/m3, pm2p5 0.6 ug/m3, pm4 0.7 ug/m3, pm10 0.8 ug/m3");
  EXPECT_EQ(text_of(decode_sen5x(sent({0xFFFF, 0xFFFF, 0xFFFF, 0xFFFF, 3700, 5000, 0, 0x7FFF}), 0)),
            "relative_humidity 37 %, air_temperature 25 Cel");
  EXPECT_EQ(text_of(decode_sen5x(sent({0xFFFF, 0xFFFF, 0xFFFF, 0xFFFF, 0x7FFF, 0x7FFF, 0x7FFF, 0x7FFF}), 0)),
            " | it knows no value yet");
}

TEST(Sen5x, WhatAFailedPartSaysIsLeftOutAndTold) {
  const auto bytes = sent({105, 203, 310, 402, 3725, 5005, 1000, 12});
  EXPECT_EQ(text_of(decode_sen5x(bytes, 1U << 4)),
            "relative_humidity 37.25 %, air_temperature 25.03 Cel, voc_index 100, nox_index 1.2 | its fan is "
            "blocked or broken");
  EXPECT_THAT(text_of(decode_sen5x(bytes, 1U << 5)), Not(HasSubstr("pm")));
  EXPECT_THAT(text_of(decode_sen5x(bytes, 1U << 6)), Not(HasSubstr("air_temperature")));
  EXPECT_THAT(text_of(decode_sen5x(bytes, 1U << 7)), Not(HasSubstr("voc")));
  EXPECT_THAT(text_of(decode_sen5x(bytes, 1U << 19)), Not(HasSubstr("pm")));
  EXPECT_THAT(text_of(decode_sen5x(bytes, 1U << 21)), HasSubstr("pm2p5 20.3"));
  EXPECT_THAT(text_of(decode_sen5x(bytes, 0xF0)),
              HasSubstr("its fan is blocked or broken; its laser failed"));
}

// ---- All

TEST(Chips, HaveTheAddressesOfTheirDatasheets) {
  EXPECT_EQ(find_chip("scd41")->address, 0x62);
  EXPECT_EQ(find_chip("sen55")->address, 0x69);
  EXPECT_EQ(find_chip("shtc3")->address, 0x70);
  EXPECT_EQ(find_chip("htu21d")->address, 0x40);
  EXPECT_EQ(find_chip("bme680")->address, 0x76);
  EXPECT_EQ(find_chip("bme280"), nullptr);
}

}  // namespace
}  // namespace weather::sensors::i2c
