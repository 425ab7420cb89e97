#include "sensors/i2c/sen5x.hpp"

#include "sensors/i2c/words.hpp"

namespace weather::sensors::i2c {
namespace {

using namespace std::chrono_literals;

constexpr std::uint16_t sen5x_start = 0x0021, sen5x_is_ready = 0x0202, sen5x_read = 0x03C4;
// Also clears it, or a fault would be reported until the supply is switched off.
constexpr std::uint16_t sen5x_take_status = 0xD210;
constexpr auto sen5x_starts_in = 50ms, sen5x_does_in = 20ms;
constexpr auto sen5x_warms_up_in = 30'000ms;  // chapter 1: particles, at few of them
constexpr auto sen5x_looks_again = 1'100ms;   // it has a new value each second
constexpr int sen5x_most_looks = 3;

constexpr unsigned sen5x_fan_failed = 1U << 4, sen5x_laser_failed = 1U << 5, sen5x_rht_failed = 1U << 6,
                   sen5x_gas_failed = 1U << 7, sen5x_cleans = 1U << 19, sen5x_fan_speed = 1U << 21;
constexpr Range sen5x_ug{0, 6'553.4}, sen5x_percent{0, 100}, sen5x_celsius{-40, 70}, sen5x_index{1, 500};

class Sen5x final : public Chip {
 public:
  Move begin() override {
    looks_ = 0;
    started_ = false;
    return ask();
  }
  void lost() override {}  // whether it measures is asked each time

  Move answer(const Bytes& bytes) override {
    switch (state_) {
      case State::asked:
        return to(State::heard_whether, hear(3));
      case State::heard_whether:
        return whether(bytes);
      case State::started:
        return to(State::rested, rest(sen5x_warms_up_in));
      case State::rested:
        return ask();
      case State::asked_status:
        return to(State::heard_status, hear(6));
      case State::heard_status: {
        const auto words = read_words(bytes, 2);
        if (!words) return failed(std::string(wrong_checksum));
        status_ = static_cast<std::uint32_t>((*words)[0]) << 16 | (*words)[1];
        return to(State::asked_values, send(command(sen5x_read), sen5x_does_in));
      }
      case State::asked_values:
        return to(State::heard, hear(24));
      case State::heard:
        break;
    }
    return decode_sen5x(bytes, status_);
  }

 private:
  enum class State : std::uint8_t {
    asked,
    heard_whether,
    started,
    rested,
    asked_status,
    heard_status,
    asked_values,
    heard
  };

  Step to(State state, Step step) {
    state_ = state;
    return step;
  }
  Step ask() { return to(State::asked, send(command(sen5x_is_ready), sen5x_does_in)); }

  // One that measures is not started: it would lose what its indices have learned of the air.
  Move whether(const Bytes& bytes) {
    const auto words = read_words(bytes, 1);
    if (!words) return failed(std::string(wrong_checksum));
    if ((words->front() & 1U) != 0)
      return to(State::asked_status, send(command(sen5x_take_status), sen5x_does_in));
    if (++looks_ < sen5x_most_looks) return to(State::rested, rest(sen5x_looks_again));
    if (started_) return failed("it was started and has no value");
    started_ = true;
    looks_ = 0;
    return to(State::started, send(command(sen5x_start), sen5x_starts_in));
  }

  State state_ = State::asked;
  bool started_ = false;
  int looks_ = 0;
  std::uint32_t status_ = 0;
};

// What is said of a status bit, and whether one of these is set.
struct StatusText {
  unsigned bits;
  std::string_view text;
};
constexpr StatusText sen5x_texts[] = {
    {sen5x_fan_failed, "its fan is blocked or broken"},
    {sen5x_laser_failed, "its laser failed"},
    {sen5x_rht_failed, "its temperature and humidity sensor failed"},
    {sen5x_gas_failed, "its gas sensor failed"},
    {sen5x_cleans, "its fan cleans itself"},
    {sen5x_fan_speed, "its fan is too fast or too slow"},
};

void add_unsigned(Measured& out, std::string_view quantity, std::uint16_t word) {
  if (word != 0xFFFF) add_measured(out, {quantity, "ug/m3", word / 10.0}, sen5x_ug, 1);
}

void add_signed(Measured& out, std::string_view quantity, std::string_view unit, std::uint16_t word,
                double scale, Range range, int decimals) {
  if (word == 0x7FFF) return;
  add_measured(out, {quantity, unit, static_cast<std::int16_t>(word) / scale}, range, decimals);
}

void add_index(Measured& out, std::string_view quantity, std::uint16_t word) {
  if (word != 0) add_signed(out, quantity, "", word, 10, sen5x_index, 1);
}

}  // namespace

Measured decode_sen5x(const Bytes& bytes, std::uint32_t status) {
  const auto words = read_words(bytes, 8);
  if (!words) return failed(std::string(wrong_checksum));
  Measured out;
  const auto& w = *words;
  if ((status & (sen5x_fan_failed | sen5x_laser_failed | sen5x_cleans)) == 0) {
    add_unsigned(out, "pm1", w[0]);
    add_unsigned(out, "pm2p5", w[1]);
    add_unsigned(out, "pm4", w[2]);
    add_unsigned(out, "pm10", w[3]);
  }
  if ((status & sen5x_rht_failed) == 0) {
    add_signed(out, "relative_humidity", "%", w[4], 100, sen5x_percent, 2);
    add_signed(out, "air_temperature", "Cel", w[5], 200, sen5x_celsius, 2);
  }
  if ((status & sen5x_gas_failed) == 0) {
    add_index(out, "voc_index", w[6]);
    add_index(out, "nox_index", w[7]);
  }
  for (const auto& [bits, text] : sen5x_texts)
    if ((status & bits) != 0) add_fault(out, text);
  if (out.values.empty() && out.fault.empty()) add_fault(out, "it knows no value yet");
  return out;
}

std::unique_ptr<Chip> make_sen5x(const ChipSettings&) {
  return std::make_unique<Sen5x>();
}

}  // namespace weather::sensors::i2c
