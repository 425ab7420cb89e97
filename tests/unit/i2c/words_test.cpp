#include "sensors/i2c/words.hpp"

#include <gtest/gtest.h>

namespace weather::sensors::i2c {
namespace {

std::uint8_t crc_of(const Bytes& bytes, std::uint8_t begin) {
  return crc8(bytes, begin);
}

TEST(I2cChecksum, MatchesTheExampleOfSensirionsDatasheets) {
  EXPECT_EQ(crc_of({0xBE, 0xEF}, sensirion_crc), 0x92);
}

// Datasheet HPC199_6, page 14.
TEST(I2cChecksum, MatchesTheThreeExamplesOfTheHtu21d) {
  EXPECT_EQ(crc_of({0xDC}, htu21d_crc), 0x79);
  EXPECT_EQ(crc_of({0x68, 0x3A}, htu21d_crc), 0x7C);
  EXPECT_EQ(crc_of({0x4E, 0x85}, htu21d_crc), 0x6B);
}

// Datasheet SCD4x, table 12: the altitude of 1950 m and a pressure of 98700 Pa.
TEST(I2cCommand, HasItsWordWithAChecksum) {
  EXPECT_EQ(command(0x2427, 0x079E), (Bytes{0x24, 0x27, 0x07, 0x9E, 0x09}));
  EXPECT_EQ(command(0xE000, 0x03DB), (Bytes{0xE0, 0x00, 0x03, 0xDB, 0x42}));
  EXPECT_EQ(command(0x21B1), (Bytes{0x21, 0xB1}));
}

TEST(I2cWords, AreAllRightOrNone) {
  const Bytes good{0xBE, 0xEF, 0x92, 0x00, 0x00, 0x81};
  EXPECT_EQ(read_words(good, 2), (Words{0xBEEF, 0}));
  EXPECT_FALSE(read_words(good, 1));
  EXPECT_FALSE(read_words(good, 3));
  for (std::size_t bit = 0; bit < good.size() * 8; ++bit) {
    auto wrong = good;
    wrong[bit / 8] = static_cast<std::uint8_t>(wrong[bit / 8] ^ 1U << bit % 8);
    EXPECT_FALSE(read_words(wrong, 2)) << bit;
  }
}

}  // namespace
}  // namespace weather::sensors::i2c
