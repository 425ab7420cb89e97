// How Bosch turns the raw numbers of a BME680 or BME688 into values, with the chip's own calibration, in
// floating point.
// Source: datasheet BST-BME680-DS001, chapters 3.3 and 5.3; for the BME688 and where both differ Bosch's
// driver, github.com/boschsensortec/BME68x_SensorAPI (BSD-3-Clause), bme68x.c, whose formulas these are.
// Pure; any thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

#include "sensors/i2c/measured.hpp"

namespace weather::sensors::i2c {

// Registers 0x8A to 0xA0, 0xE1 to 0xEE and 0x00 to 0x04, one behind the other.
inline constexpr std::size_t bme680_first_coefficients = 23, bme680_second_coefficients = 14,
                             bme680_third_coefficients = 5;

struct Bme680Calibration {
  std::uint16_t t1 = 0;
  std::int16_t t2 = 0;
  std::int8_t t3 = 0;
  std::uint16_t p1 = 0;
  std::int16_t p2 = 0;
  std::int8_t p3 = 0;
  std::int16_t p4 = 0, p5 = 0;
  std::int8_t p6 = 0, p7 = 0;
  std::int16_t p8 = 0, p9 = 0;
  std::uint8_t p10 = 0;
  std::uint16_t h1 = 0, h2 = 0;
  std::int8_t h3 = 0, h4 = 0, h5 = 0;
  std::uint8_t h6 = 0;
  std::int8_t h7 = 0;
  std::int8_t gh1 = 0;
  std::int16_t gh2 = 0;
  std::int8_t gh3 = 0;
  std::uint8_t res_heat_range = 0;
  std::int8_t res_heat_val = 0;
  std::int8_t range_sw_err = 0;
  bool gas_high = false;  // a BME688: other bytes and another formula for the gas
};
// None if there are not as many bytes.
std::optional<Bme680Calibration> read_calibration(const Bytes& coefficients);

double bme680_celsius(std::uint32_t raw, const Bme680Calibration& of);
double bme680_pascal(std::uint32_t raw, double celsius, const Bme680Calibration& of);  // NaN: not defined
double bme680_percent(std::uint16_t raw, double celsius, const Bme680Calibration& of);
double bme680_ohm(std::uint16_t raw, std::uint8_t range, const Bme680Calibration& of);

// For the registers res_heat_0 and gas_wait_0.
std::uint8_t bme680_heater_resistance(int heater_celsius, double ambient_celsius,
                                      const Bme680Calibration& of);
std::uint8_t bme680_heater_time(std::chrono::milliseconds time);

}  // namespace weather::sensors::i2c
