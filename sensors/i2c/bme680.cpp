#include "sensors/i2c/bme680.hpp"

namespace weather::sensors::i2c {
namespace {

using namespace std::chrono_literals;

constexpr std::uint8_t bme680_id_register = 0xD0, bme680_id = 0x61, bme680_variant = 0xF0,
                       bme680_is_high = 0x01, bme680_reset = 0xE0, bme680_do_reset = 0xB6,
                       bme680_first = 0x8A, bme680_second = 0xE1, bme680_third = 0x00,
                       bme680_field_register = 0x1D;
constexpr std::uint8_t bme680_res_heat_0 = 0x5A, bme680_gas_wait_0 = 0x64, bme680_ctrl_gas_0 = 0x70,
                       bme680_ctrl_gas_1 = 0x71, bme680_ctrl_hum = 0x72, bme680_ctrl_meas = 0x74,
                       bme680_config = 0x75;
constexpr std::uint8_t bme680_heater_off = 0x08, bme680_run_low = 0x10, bme680_run_high = 0x20;
// Humidity twice; temperature eight times, pressure four times, once, now; no filter over the past.
constexpr std::uint8_t bme680_humidity_2 = 0x02, bme680_forced_8_4 = 4 << 5 | 3 << 2 | 1;
constexpr auto bme680_starts_in = 10ms;
// 14 measurements of 1.963 ms, nine of 0.477 ms to change over, 1 ms to wake up (the driver's
// bme68x_get_meas_dur).
constexpr auto bme680_measures_in = 34ms;
constexpr auto bme680_looks_again = 10ms;
constexpr int bme680_most_looks = 10;

constexpr Range bme680_degrees{-40, 85}, bme680_hectopascal{300, 1100}, bme680_humid{0, 100},
    bme680_ohms{1, 110'000'000};
constexpr std::uint8_t bme680_new_data = 0x80, bme680_gas_valid = 0x20, bme680_heat_stable = 0x10;
constexpr std::uint32_t bme680_no_20_bits = 0x80000, bme680_no_16_bits = 0x8000;

class Bme680 final : public Chip {
 public:
  explicit Bme680(const ChipSettings& settings) : settings_(settings) {}

  Move begin() override {
    looks_ = 0;
    return known_ ? measure() : to(State::heard_id, get(bme680_id_register, 1));
  }
  void lost() override { known_ = false; }

  Move answer(const Bytes& bytes) override {
    switch (state_) {
      case State::heard_id:
        if (bytes.empty() || bytes.front() != bme680_id)
          return failed("what answers there is no BME680 or BME688");
        return to(State::reset, send({bme680_reset, bme680_do_reset}, bme680_starts_in));
      case State::reset:
        return to(State::heard_variant, get(bme680_variant, 1));
      case State::heard_variant:
        gas_high_ = !bytes.empty() && bytes.front() == bme680_is_high;
        coefficients_.clear();
        return to(State::heard_first, get(bme680_first, bme680_first_coefficients));
      case State::heard_first:
        return keep(bytes), to(State::heard_second, get(bme680_second, bme680_second_coefficients));
      case State::heard_second:
        return keep(bytes), to(State::heard_third, get(bme680_third, bme680_third_coefficients));
      case State::heard_third:
        keep(bytes);
        return calibrated();
      case State::sent:
      case State::rested:
        return to(State::heard, get(bme680_field_register, bme680_field));
      case State::heard:
        break;
    }
    return heard(bytes);
  }

 private:
  enum class State : std::uint8_t {
    heard_id,
    reset,
    heard_variant,
    heard_first,
    heard_second,
    heard_third,
    sent,
    rested,
    heard
  };

  static Step get(std::uint8_t from, std::size_t count) { return {{from}, count}; }
  Step to(State state, Step step) {
    state_ = state;
    return step;
  }
  void keep(const Bytes& bytes) { coefficients_.insert(coefficients_.end(), bytes.begin(), bytes.end()); }

  Move calibrated() {
    const auto calibration = read_calibration(coefficients_);
    if (!calibration) return failed("it has no calibration");
    calibration_ = *calibration;
    calibration_.gas_high = gas_high_;
    known_ = true;
    return measure();
  }

  // All in one transaction, register and value in turn: it may have lost its settings with its supply.
  Step measure() {
    const bool heats = settings_.heater_celsius > 0;
    const std::uint8_t run = gas_high_ ? bme680_run_high : bme680_run_low;
    const auto resistance =
        bme680_heater_resistance(settings_.heater_celsius, ambient_celsius_, calibration_);
    Bytes bytes{bme680_res_heat_0, resistance, bme680_gas_wait_0, bme680_heater_time(settings_.heater_for)};
    bytes.insert(bytes.end(), {bme680_ctrl_gas_0, heats ? std::uint8_t{0} : bme680_heater_off,
                               bme680_ctrl_gas_1, heats ? run : std::uint8_t{0}, bme680_ctrl_hum,
                               bme680_humidity_2, bme680_config, 0, bme680_ctrl_meas, bme680_forced_8_4});
    return to(State::sent, send(std::move(bytes), bme680_measures_in + (heats ? settings_.heater_for : 0ms)));
  }

  Move heard(const Bytes& bytes) {
    if (!bme680_has_new(bytes)) {
      if (++looks_ == bme680_most_looks) return failed("it was asked to measure and has no value");
      return to(State::rested, rest(bme680_looks_again));
    }
    auto out = decode_bme680(bytes, calibration_);
    for (const auto& value : out.values)
      if (value.quantity == "air_temperature") ambient_celsius_ = value.value;
    return out;
  }

  const ChipSettings settings_;
  State state_ = State::heard_id;
  bool known_ = false, gas_high_ = false;
  Bytes coefficients_;
  Bme680Calibration calibration_;
  double ambient_celsius_ = 25;
  int looks_ = 0;
};

std::uint32_t twenty_bits(const Bytes& field, std::size_t at) {
  return static_cast<std::uint32_t>(field[at]) << 12 | static_cast<std::uint32_t>(field[at + 1]) << 4 |
         static_cast<std::uint32_t>(field[at + 2]) >> 4;
}

}  // namespace

bool bme680_has_new(const Bytes& field) {
  return field.size() == bme680_field && (field.front() & bme680_new_data) != 0;
}

Measured decode_bme680(const Bytes& field, const Bme680Calibration& calibration) {
  if (!bme680_has_new(field)) return failed("it has no new value");
  const auto raw_pressure = twenty_bits(field, 2), raw_temperature = twenty_bits(field, 5);
  const auto raw_humidity = static_cast<std::uint16_t>(field[8] << 8 | field[9]);
  if (raw_temperature == bme680_no_20_bits) return failed("it has measured no temperature");
  Measured out;
  const double celsius = bme680_celsius(raw_temperature, calibration);
  add_measured(out, {"air_temperature", "Cel", celsius}, bme680_degrees, 2);
  if (out.values.empty()) return out;  // the others are computed with it
  if (raw_humidity != bme680_no_16_bits)
    add_measured(out, {"relative_humidity", "%", bme680_percent(raw_humidity, celsius, calibration)},
                 bme680_humid, 2);
  if (raw_pressure != bme680_no_20_bits)
    add_measured(out, {"air_pressure", "hPa", bme680_pascal(raw_pressure, celsius, calibration) / 100},
                 bme680_hectopascal, 2);
  const std::size_t gas = calibration.gas_high ? 15 : 13;
  constexpr std::uint8_t sound = bme680_gas_valid | bme680_heat_stable;
  if ((field[gas + 1] & sound) == sound) {
    const auto raw_gas = static_cast<std::uint16_t>(field[gas] << 2 | field[gas + 1] >> 6);
    add_measured(out, {"gas_resistance", "Ohm", bme680_ohm(raw_gas, field[gas + 1] & 0x0F, calibration)},
                 bme680_ohms, 0);
  }
  return out;
}

std::unique_ptr<Chip> make_bme680(const ChipSettings& settings) {
  return std::make_unique<Bme680>(settings);
}

}  // namespace weather::sensors::i2c
