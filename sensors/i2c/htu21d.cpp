#include "sensors/i2c/htu21d.hpp"

#include <algorithm>

#include "sensors/i2c/words.hpp"

namespace weather::sensors::i2c {
namespace {

using namespace std::chrono_literals;

constexpr std::uint8_t htu21d_reset = 0xFE;
// Without holding the clock, which a Raspberry Pi's controller cannot wait for.
constexpr std::uint8_t htu21d_temperature = 0xF3, htu21d_humidity = 0xF5;
constexpr auto htu21d_starts_in = 15ms, htu21d_temperature_in = 50ms, htu21d_humidity_in = 16ms;  // at most
constexpr Range htu21d_celsius{-40, 125}, htu21d_percent{-5, 105}, htu21d_compensated{0, 80};
constexpr double htu21d_percent_a_degree = -0.15;
constexpr unsigned htu21d_status_bits = 3;

class Htu21d final : public Chip {
 public:
  Move begin() override {
    return set_up_ ? ask_temperature() : to(State::reset, send({htu21d_reset}, htu21d_starts_in));
  }
  void lost() override { set_up_ = false; }

  Move answer(const Bytes& bytes) override {
    switch (state_) {
      case State::reset:
        set_up_ = true;
        return ask_temperature();
      case State::asked_temperature:
        return to(State::heard_temperature, hear(3));
      case State::heard_temperature:
        temperature_ = bytes;
        return to(State::asked_humidity, send({htu21d_humidity}, htu21d_humidity_in));
      case State::asked_humidity:
        return to(State::heard_humidity, hear(3));
      case State::heard_humidity:
        break;
    }
    return decode_htu21d(temperature_, bytes);
  }

 private:
  enum class State : std::uint8_t {
    reset,
    asked_temperature,
    heard_temperature,
    asked_humidity,
    heard_humidity
  };

  Step to(State state, Step step) {
    state_ = state;
    return step;
  }
  Step ask_temperature() {
    return to(State::asked_temperature, send({htu21d_temperature}, htu21d_temperature_in));
  }

  State state_ = State::reset;
  bool set_up_ = false;
  Bytes temperature_;
};

double part_of_range(std::uint16_t word) {
  return (word & ~htu21d_status_bits) / 65536.0;
}

}  // namespace

Measured decode_htu21d(const Bytes& temperature, const Bytes& humidity) {
  const auto warm = read_words(temperature, 1, htu21d_crc), wet = read_words(humidity, 1, htu21d_crc);
  if (!warm || !wet) return failed(std::string(wrong_checksum));
  Measured out;
  const double celsius = -46.85 + 175.72 * part_of_range(warm->front());
  add_measured(out, {"air_temperature", "Cel", celsius}, htu21d_celsius, 2);
  if (out.values.empty()) return out;
  const double raw = -6 + 125 * part_of_range(wet->front());
  if (raw < htu21d_percent.low || raw > htu21d_percent.high) {
    add_measured(out, {"relative_humidity", "%", raw}, htu21d_percent, 2);
    return out;
  }
  const double degrees = 25 - std::clamp(celsius, htu21d_compensated.low, htu21d_compensated.high);
  const double percent = std::clamp(raw + degrees * htu21d_percent_a_degree, 0.0, 100.0);
  add_measured(out, {"relative_humidity", "%", percent}, {0, 100}, 2);
  return out;
}

std::unique_ptr<Chip> make_htu21d(const ChipSettings&) {
  return std::make_unique<Htu21d>();
}

}  // namespace weather::sensors::i2c
