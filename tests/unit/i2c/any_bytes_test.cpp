// Whatever a chip sends: nothing, or values that it can measure.
#include <cmath>
#include <random>

#include <gmock/gmock.h>

#include "sensors/i2c/bme680.hpp"
#include "sensors/i2c/htu21d.hpp"
#include "sensors/i2c/scd4x.hpp"
#include "sensors/i2c/sen5x.hpp"
#include "sensors/i2c/shtc3.hpp"
#include "tests/unit/i2c/measured_text.hpp"
#include "tests/unit/i2c/ranges.hpp"

namespace weather::sensors::i2c {
namespace {

class AnyBytes : public testing::Test {
 protected:
  Bytes bytes(std::size_t count) {
    Bytes out(count);
    for (auto& byte : out) byte = static_cast<std::uint8_t>(random_());
    return out;
  }
  // Right checksums around anything, or now and then one that is wrong, or one byte less.
  Bytes words(std::size_t count, std::uint8_t begin = sensirion_crc) {
    Words all(count);
    for (auto& word : all)
      word = random_() % 8 == 0 ? extremes_[random_() % 6] : static_cast<std::uint16_t>(random_());
    auto out = sent(all, begin);
    if (random_() % 16 == 0) out[random_() % out.size()] ^= static_cast<std::uint8_t>(random_());
    if (random_() % 64 == 0) out.pop_back();
    return out;
  }
  void expect_sound(const Measured& measured) {
    EXPECT_TRUE(is_sound(measured)) << text_of(measured);
    with_values_ += measured.values.empty() ? 0 : 1;
  }
  std::uint32_t any() { return static_cast<std::uint32_t>(random_()); }

  std::mt19937 random_{20'261'130};
  static constexpr std::uint16_t extremes_[] = {0, 1, 0x7FFF, 0x8000, 0xFFFE, 0xFFFF};
  int with_values_ = 0;
};

TEST_F(AnyBytes, Sensirion) {
  for (int i = 0; i < 50'000; ++i) {
    expect_sound(decode_scd4x(words(3)));
    expect_sound(decode_shtc3(words(2)));
    expect_sound(decode_htu21d(words(1, htu21d_crc), words(1, htu21d_crc)));
    expect_sound(decode_sen5x(words(8), random_() % 4 == 0 ? any() : 0));
  }
  EXPECT_GT(with_values_, 50'000);
}

TEST_F(AnyBytes, Bosch) {
  for (int i = 0; i < 100'000; ++i) {
    auto calibration = *read_calibration(bytes(42));
    calibration.gas_high = random_() % 2 == 0;
    auto field = bytes(bme680_field);
    field[0] |= 0x80;
    field[14] |= 0x30;
    expect_sound(decode_bme680(field, calibration));
  }
  EXPECT_GT(with_values_, 100);
}

// Any answer to any step: each measurement of each chip comes to an end.
TEST_F(AnyBytes, EachMachineComesToAnEnd) {
  for (const auto& kind : chip_kinds()) {
    const auto chip = kind.make({});
    for (int i = 0; i < 2'000; ++i) {
      auto move = chip->begin();
      int steps = 0;
      for (; std::holds_alternative<Step>(move); ++steps) {
        ASSERT_LT(steps, 100) << kind.name;
        const auto count = std::get<Step>(move).read;
        move =
            chip->answer(count % 3 == 0 && count > 0 && random_() % 2 == 0 ? words(count / 3) : bytes(count));
      }
      expect_sound(std::get<Measured>(move));
      if (random_() % 4 == 0) chip->lost();
    }
  }
}

}  // namespace
}  // namespace weather::sensors::i2c
