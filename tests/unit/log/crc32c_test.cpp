#include "bridge/log/crc32c.hpp"

#include <array>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "bridge/log/bytes.hpp"

namespace weather::log {
namespace {

std::vector<std::byte> filled(std::size_t size, int first, int step) {
  std::vector<std::byte> bytes(size);
  for (auto& byte : bytes) {
    byte = static_cast<std::byte>(first);
    first += step;
  }
  return bytes;
}

// RFC 3720, B.4.
TEST(Crc32c, EveryVersionAgreesWithTheRfc) {
  for (const auto& version : crc32c_versions()) {
    SCOPED_TRACE(version.name);
    const auto of = [&](const std::vector<std::byte>& bytes) {
      return version.extend(0, bytes.data(), bytes.size());
    };
    EXPECT_EQ(of(filled(32, 0, 0)), 0x8A9136AAU);
    EXPECT_EQ(of(filled(32, 0xFF, 0)), 0x62A8AB43U);
    EXPECT_EQ(of(filled(32, 0, 1)), 0x46DD794EU);
    EXPECT_EQ(of(filled(32, 31, -1)), 0x113FDB5CU);
  }
}

TEST(Crc32c, PartsExtendToTheWhole) {
  const auto text = bytes_of("123456789");
  EXPECT_EQ(crc32c(text), 0xE3069283U);
  EXPECT_EQ(crc32c(text.subspan(4), crc32c(text.first(4))), 0xE3069283U);
}

TEST(Crc32c, SelfTestPassesAndThePortableVersionIsAlwaysThere) {
  EXPECT_TRUE(crc32c_self_test());
  EXPECT_EQ(std::string_view(crc32c_versions().back().name), "table");
}

}  // namespace
}  // namespace weather::log
