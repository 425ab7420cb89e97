#include "sensors/i2c/shtc3.hpp"

#include "sensors/i2c/words.hpp"

namespace weather::sensors::i2c {
namespace {

using namespace std::chrono_literals;

constexpr std::uint16_t shtc3_wake_up = 0x3517, shtc3_sleep = 0xB098, shtc3_read_id = 0xEFC8;
// Temperature first, normal power, no clock stretching: a Raspberry Pi's controller cannot do that.
constexpr std::uint16_t shtc3_measure = 0x7866;
constexpr auto shtc3_wakes_in = 1ms, shtc3_measures_in = 13ms;  // 0.24 ms and 12.1 ms at most
constexpr std::uint16_t shtc3_id_mask = 0x083F, shtc3_id = 0x0807;
constexpr Range shtc3_celsius{-40, 125}, shtc3_percent{0, 100};

class Shtc3 final : public Chip {
 public:
  Move begin() override { return to(State::woken, send(command(shtc3_wake_up), shtc3_wakes_in)); }
  void lost() override { known_ = false; }

  Move answer(const Bytes& bytes) override {
    switch (state_) {
      case State::woken:
        return known_ ? measure() : to(State::asked_id, send(command(shtc3_read_id), 0ms));
      case State::asked_id:
        return to(State::heard_id, hear(3));
      case State::heard_id: {
        const auto id = read_words(bytes, 1);
        if (!id) return failed(std::string(wrong_checksum));
        if ((id->front() & shtc3_id_mask) != shtc3_id) return failed("what answers there is no SHTC3");
        known_ = true;
        return measure();
      }
      case State::measuring:
        return to(State::heard, hear(6));
      case State::heard:
        measured_ = decode_shtc3(bytes);
        return to(State::asleep, send(command(shtc3_sleep), 0ms));
      case State::asleep:
        break;
    }
    return std::move(measured_);
  }

 private:
  enum class State : std::uint8_t { woken, asked_id, heard_id, measuring, heard, asleep };

  Step to(State state, Step step) {
    state_ = state;
    return step;
  }
  Step measure() { return to(State::measuring, send(command(shtc3_measure), shtc3_measures_in)); }

  State state_ = State::woken;
  bool known_ = false;
  Measured measured_;
};

}  // namespace

Measured decode_shtc3(const Bytes& bytes) {
  const auto words = read_words(bytes, 2);
  if (!words) return failed(std::string(wrong_checksum));
  Measured out;
  add_measured(out, {"air_temperature", "Cel", -45 + 175 * (*words)[0] / 65536.0}, shtc3_celsius, 2);
  if (!out.values.empty())
    add_measured(out, {"relative_humidity", "%", 100 * (*words)[1] / 65536.0}, shtc3_percent, 2);
  return out;
}

std::unique_ptr<Chip> make_shtc3(const ChipSettings&) {
  return std::make_unique<Shtc3>();
}

}  // namespace weather::sensors::i2c
