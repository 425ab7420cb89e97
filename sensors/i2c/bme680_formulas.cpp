#include "sensors/i2c/bme680_formulas.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace weather::sensors::i2c {
namespace {

// Of the coefficients, by the number of their first byte.
class Coefficients {
 public:
  explicit Coefficients(const Bytes& bytes) : bytes_(bytes) {}
  std::uint8_t u8(std::size_t at) const { return bytes_[at]; }
  std::int8_t s8(std::size_t at) const { return static_cast<std::int8_t>(bytes_[at]); }
  std::uint16_t u16(std::size_t at) const {
    return static_cast<std::uint16_t>(bytes_[at + 1] << 8 | bytes_[at]);
  }
  std::int16_t s16(std::size_t at) const { return static_cast<std::int16_t>(u16(at)); }

 private:
  const Bytes& bytes_;
};

double square(double value) {
  return value * value;
}

// In units of 1/5120 degC; the temperature as the other formulas want it.
double t_fine(double celsius) {
  return celsius * 5120;
}

}  // namespace

std::optional<Bme680Calibration> read_calibration(const Bytes& coefficients) {
  if (coefficients.size() !=
      bme680_first_coefficients + bme680_second_coefficients + bme680_third_coefficients)
    return std::nullopt;
  const Coefficients c(coefficients);
  Bme680Calibration out;
  out.t2 = c.s16(0), out.t3 = c.s8(2);
  out.p1 = c.u16(4), out.p2 = c.s16(6), out.p3 = c.s8(8), out.p4 = c.s16(10), out.p5 = c.s16(12);
  out.p7 = c.s8(14), out.p6 = c.s8(15), out.p8 = c.s16(18), out.p9 = c.s16(20), out.p10 = c.u8(22);
  // Twelve bits each; their low halves share a byte.
  out.h2 = static_cast<std::uint16_t>(c.u8(23) << 4 | c.u8(24) >> 4);
  out.h1 = static_cast<std::uint16_t>(c.u8(25) << 4 | (c.u8(24) & 0x0F));
  out.h3 = c.s8(26), out.h4 = c.s8(27), out.h5 = c.s8(28), out.h6 = c.u8(29), out.h7 = c.s8(30);
  out.t1 = c.u16(31);
  out.gh2 = c.s16(33), out.gh1 = c.s8(35), out.gh3 = c.s8(36);
  out.res_heat_val = c.s8(37);
  out.res_heat_range = static_cast<std::uint8_t>((c.u8(39) & 0x30) >> 4);
  out.range_sw_err = static_cast<std::int8_t>(static_cast<std::int8_t>(c.u8(41) & 0xF0) / 16);
  return out;
}

double bme680_celsius(std::uint32_t raw, const Bme680Calibration& of) {
  const double first = (raw / 16384.0 - of.t1 / 1024.0) * of.t2;
  const double second = square(raw / 131072.0 - of.t1 / 8192.0) * (of.t3 * 16.0);
  return (first + second) / 5120;
}

double bme680_pascal(std::uint32_t raw, double celsius, const Bme680Calibration& of) {
  const double fine = t_fine(celsius) / 2 - 64000;
  const double offset = (square(fine) * (of.p6 / 131072.0) + fine * of.p5 * 2.0) / 4 + of.p4 * 65536.0;
  const double slope = (of.p3 * square(fine) / 16384 + of.p2 * fine) / 524288;
  const double divisor = (1 + slope / 32768) * of.p1;
  if (std::abs(divisor) < 1) return std::numeric_limits<double>::quiet_NaN();
  const double linear = (1048576.0 - raw - offset / 4096) * 6250 / divisor;
  const double ninth = of.p9 * square(linear) / 2147483648.0, eighth = linear * (of.p8 / 32768.0);
  const double tenth = square(linear / 256) * (linear / 256) * (of.p10 / 131072.0);
  return linear + (ninth + eighth + tenth + of.p7 * 128.0) / 16;
}

double bme680_percent(std::uint16_t raw, double celsius, const Bme680Calibration& of) {
  const double offset = raw - (of.h1 * 16.0 + of.h3 / 2.0 * celsius);
  const double linear =
      offset * (of.h2 / 262144.0 * (1 + of.h4 / 16384.0 * celsius + of.h5 / 1048576.0 * celsius * celsius));
  const double curve = of.h6 / 16384.0 + of.h7 / 2097152.0 * celsius;
  return std::clamp(linear + curve * square(linear), 0.0, 100.0);
}

double bme680_ohm(std::uint16_t raw, std::uint8_t range, const Bme680Calibration& of) {
  range &= 0x0F;
  if (of.gas_high) return 1'000'000.0 * (262144U >> range) / (4096 + 3 * (raw - 512));
  constexpr double k1[] = {0, 0, 0, 0, 0, -1, 0, -0.8, 0, 0, -0.2, -0.5, 0, -1, 0, 0};
  constexpr double k2[] = {0, 0, 0, 0, 0.1, 0.7, 0, -0.8, -0.1, 0, 0, 0, 0, 0, 0, 0};
  const double divisor = (1340 + 5.0 * of.range_sw_err) * (1 + k1[range] / 100);
  return 1 / ((1 + k2[range] / 100) * 0.000000125 * (1U << range) * ((raw - 512) / divisor + 1));
}

std::uint8_t bme680_heater_resistance(int heater_celsius, double ambient_celsius,
                                      const Bme680Calibration& of) {
  const double plate = of.gh1 / 16.0 + 49, gradient = of.gh2 / 32768.0 * 0.0005 + 0.00235;
  const double wanted =
      plate * (1 + gradient * std::min(heater_celsius, 400)) + of.gh3 / 1024.0 * ambient_celsius;
  const double steps =
      3.4 * (wanted * (4.0 / (4 + of.res_heat_range)) * (1 / (1 + of.res_heat_val * 0.002)) - 25);
  return static_cast<std::uint8_t>(std::clamp(steps, 0.0, 255.0));
}

// Six bits, and four times as long for each of the two above.
std::uint8_t bme680_heater_time(std::chrono::milliseconds time) {
  auto ms = std::clamp<std::chrono::milliseconds::rep>(time.count(), 0, 0xFC0);
  if (ms == 0xFC0) return 0xFF;
  unsigned fours = 0;
  for (; ms > 0x3F; ms /= 4) ++fours;
  return static_cast<std::uint8_t>(static_cast<unsigned>(ms) + (fours << 6));
}

}  // namespace weather::sensors::i2c
