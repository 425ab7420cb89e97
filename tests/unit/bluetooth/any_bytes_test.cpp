// Whatever is advertised: a fault, or a reading whose numbers are numbers.
#include <cmath>
#include <random>

#include <gmock/gmock.h>

#include "sensors/bluetooth/families.hpp"
#include "tests/unit/bluetooth/said.hpp"

namespace weather::sensors::bluetooth {
namespace {

// As a sensor of the family begins, now and then, so that not all of it is foreign.
void begin_as(const Family& family, std::vector<std::uint8_t>& bytes, std::uint32_t chance) {
  const auto put = [&](std::size_t at, std::uint8_t byte) {
    if (at < bytes.size()) bytes[at] = byte;
  };
  if (family.name == "bthome") put(0, 0x40);
  if (family.name == "ruuvi") put(0, std::array<std::uint8_t, 4>{3, 5, 6, 0xE1}[chance % 4]);
  if (family.name == "xiaomi") put(0, 0x40), put(1, 0x50);
  if (family.name == "govee") put(0, 1), put(1, 1);
}

TEST(AnyAdvertisement, IsAFaultOrSound) {
  std::mt19937 random(20'261'130);
  int sound = 0;
  for (int i = 0; i < 100'000; ++i)
    for (const auto& family : families()) {
      std::vector<std::uint8_t> bytes(random() % 45);
      for (auto& byte : bytes) byte = random() % 4 == 0 ? 0xFF : static_cast<std::uint8_t>(random());
      if (random() % 4 != 0) begin_as(family, bytes, static_cast<std::uint32_t>(random()));
      const Key key{};
      const auto number = family.numbers[random() % family.numbers.size()];
      const auto* const name = random() % 2 == 0 ? "GVH5106_1234" : "GVH5177_1234";
      const auto result = family.decode({0, name, number, bytes, random() % 4 == 0 ? &key : nullptr});
      if (!result) continue;
      ++sound;
      EXPECT_TRUE(says_something(result->reading) || result->unknown) << family.name;
      for (const auto& quantity : result->reading.quantities()) {
        EXPECT_FALSE(quantity.name().empty());
        EXPECT_TRUE(quantity.value_case() != v1::Quantity::kNumber || std::isfinite(quantity.number()));
      }
      v1::Reading again;
      EXPECT_TRUE(again.ParseFromString(result->reading.SerializeAsString()));
    }
  EXPECT_GT(sound, 80'000);
}

}  // namespace
}  // namespace weather::sensors::bluetooth
