#include "sensors/i2c/scd4x.hpp"

#include "sensors/i2c/words.hpp"

namespace weather::sensors::i2c {
namespace {

using namespace std::chrono_literals;

constexpr std::uint16_t scd4x_stop = 0x3F86, scd4x_altitude = 0x2427, scd4x_start = 0x21B1,
                        scd4x_is_ready = 0xE4B8, scd4x_read = 0xEC05;
constexpr auto scd4x_stops_in = 500ms, scd4x_does_in = 1ms, scd4x_measures_in = 5'000ms;
constexpr auto scd4x_looks_again = 500ms;
constexpr int scd4x_most_looks = 12;  // more than the 5 s between two values
constexpr std::uint16_t scd4x_ready_bits = 0x07FF;
constexpr Range scd4x_ppm{1, 40'000};    // what its output can be; 0 is none
constexpr Range scd4x_celsius{-40, 70};  // that it may be kept at
constexpr Range scd4x_percent{0, 100};

class Scd4x final : public Chip {
 public:
  explicit Scd4x(int altitude_m) : altitude_m_(static_cast<std::uint16_t>(altitude_m)) {}

  // It may measure already, since before the gateway's start, and takes no settings then.
  Move begin() override {
    looks_ = 0;
    return measures_ ? ask() : to(State::stopped, send(command(scd4x_stop), scd4x_stops_in));
  }
  void lost() override { measures_ = false; }

  Move answer(const Bytes& bytes) override {
    switch (state_) {
      case State::stopped:
        if (altitude_m_ == 0) return start();
        return to(State::knows_altitude, send(command(scd4x_altitude, altitude_m_), scd4x_does_in));
      case State::knows_altitude:
        return start();
      case State::started:
        measures_ = true;
        return ask();
      case State::rested:
        return ask();
      case State::asked:
        return to(State::heard_whether, hear(3));
      case State::heard_whether:
        return whether(bytes);
      case State::asked_values:
        return to(State::heard, hear(9));
      case State::heard:
        break;
    }
    return decode_scd4x(bytes);
  }

 private:
  enum class State : std::uint8_t {
    stopped,
    knows_altitude,
    started,
    rested,
    asked,
    heard_whether,
    asked_values,
    heard
  };

  Step to(State state, Step step) {
    state_ = state;
    return step;
  }
  Step start() { return to(State::started, send(command(scd4x_start), scd4x_measures_in)); }
  Step ask() { return to(State::asked, send(command(scd4x_is_ready), scd4x_does_in)); }

  Move whether(const Bytes& bytes) {
    const auto words = read_words(bytes, 1);
    if (!words) return failed(std::string(wrong_checksum));
    if ((words->front() & scd4x_ready_bits) != 0)
      return to(State::asked_values, send(command(scd4x_read), scd4x_does_in));
    if (++looks_ == scd4x_most_looks) return failed("it has no new value");
    return to(State::rested, rest(scd4x_looks_again));
  }

  const std::uint16_t altitude_m_;
  State state_ = State::stopped;
  bool measures_ = false;
  int looks_ = 0;
};

}  // namespace

Measured decode_scd4x(const Bytes& bytes) {
  const auto words = read_words(bytes, 3);
  if (!words) return failed(std::string(wrong_checksum));
  Measured out;
  add_measured(out, {"co2", "[ppm]", static_cast<double>((*words)[0])}, scd4x_ppm, 0);
  add_measured(out, {"air_temperature", "Cel", -45 + 175 * (*words)[1] / 65535.0}, scd4x_celsius, 2);
  add_measured(out, {"relative_humidity", "%", 100 * (*words)[2] / 65535.0}, scd4x_percent, 2);
  return out;
}

std::unique_ptr<Chip> make_scd4x(const ChipSettings& settings) {
  return std::make_unique<Scd4x>(settings.altitude_m);
}

}  // namespace weather::sensors::i2c
