#include "bridge/log/crc32c.hpp"

#include <array>
#include <vector>

#include "bridge/log/bytes.hpp"

#if defined(__x86_64__)
#include <nmmintrin.h>
#elif defined(__aarch64__)
#include <arm_acle.h>
#include <asm/hwcap.h>
#include <sys/auxv.h>
#elif defined(__arm__)
#include <sys/auxv.h>
#endif

namespace weather::log {
namespace {

using Tables = std::array<std::array<std::uint32_t, 256>, 8>;

constexpr Tables make_tables() {
  Tables tables{};
  for (std::uint32_t i = 0; i < 256; ++i) {
    std::uint32_t crc = i;
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1U) ^ ((crc & 1U) != 0 ? 0x82F63B78U : 0);
    tables[0][i] = crc;
  }
  for (std::size_t t = 1; t < 8; ++t) {
    for (std::size_t i = 0; i < 256; ++i) {
      const std::uint32_t crc = tables[t - 1][i];
      tables[t][i] = (crc >> 8U) ^ tables[0][crc & 0xFFU];
    }
  }
  return tables;
}

constexpr Tables crc_tables = make_tables();

// Slicing by 8 (Kounavis and Berry, 2005): eight table look-ups for eight bytes.
std::uint32_t extend_table(std::uint32_t seed, const std::byte* data, std::size_t size) {
  std::uint32_t crc = ~seed;
  for (; size >= 8; size -= 8, data += 8) {
    const auto low = get<std::uint32_t>(data) ^ crc;
    const auto high = get<std::uint32_t>(data + 4);
    crc = crc_tables[7][low & 0xFFU] ^ crc_tables[6][(low >> 8U) & 0xFFU] ^
          crc_tables[5][(low >> 16U) & 0xFFU] ^ crc_tables[4][low >> 24U] ^ crc_tables[3][high & 0xFFU] ^
          crc_tables[2][(high >> 8U) & 0xFFU] ^ crc_tables[1][(high >> 16U) & 0xFFU] ^
          crc_tables[0][high >> 24U];
  }
  for (; size > 0; --size, ++data) {
    crc = (crc >> 8U) ^ crc_tables[0][(crc ^ static_cast<std::uint32_t>(*data)) & 0xFFU];
  }
  return ~crc;
}

#if defined(__x86_64__)
__attribute__((target("sse4.2"))) std::uint32_t extend_sse42(std::uint32_t seed, const std::byte* data,
                                                             std::size_t size) {
  std::uint64_t crc = ~seed;
  for (; size >= 8; size -= 8, data += 8) crc = _mm_crc32_u64(crc, get<std::uint64_t>(data));
  auto tail = static_cast<std::uint32_t>(crc);
  for (; size > 0; --size, ++data) tail = _mm_crc32_u8(tail, static_cast<std::uint8_t>(*data));
  return ~tail;
}
bool has_sse42() {
  return __builtin_cpu_supports("sse4.2") != 0;
}
#elif defined(__aarch64__)
__attribute__((target("+crc"))) std::uint32_t extend_arm(std::uint32_t seed, const std::byte* data,
                                                         std::size_t size) {
  std::uint32_t crc = ~seed;
  for (; size >= 8; size -= 8, data += 8) crc = __crc32cd(crc, get<std::uint64_t>(data));
  for (; size > 0; --size, ++data) crc = __crc32cb(crc, static_cast<std::uint8_t>(*data));
  return ~crc;
}
bool has_arm_crc() {
  return (getauxval(AT_HWCAP) & HWCAP_CRC32) != 0;
}
#elif defined(__arm__) && __ARM_ARCH >= 7
// A 32-bit program on an ARMv8 processor (Raspberry Pi OS 32 bit on a Pi 3, 4 or 5). The instructions are
// named in assembly because arm_acle.h has them only where the whole file's base line is ARMv8.
__attribute__((target("arch=armv8-a+crc+simd"))) std::uint32_t extend_arm(std::uint32_t seed,
                                                                          const std::byte* data,
                                                                          std::size_t size) {
  std::uint32_t crc = ~seed;
  for (; size >= 4; size -= 4, data += 4) {
    const auto word = get<std::uint32_t>(data);
    __asm__("crc32cw %0, %0, %1" : "+r"(crc) : "r"(word));
  }
  for (; size > 0; --size, ++data) {
    const auto byte = static_cast<std::uint32_t>(*data);
    __asm__("crc32cb %0, %0, %1" : "+r"(crc) : "r"(byte));
  }
  return ~crc;
}
bool has_arm_crc() {
  return (getauxval(AT_HWCAP2) & (1U << 4U)) != 0;
}  // HWCAP2_CRC32 of 32-bit ARM
#endif

std::vector<Crc32cVersion> find_versions() {
  std::vector<Crc32cVersion> found;
#if defined(__x86_64__)
  if (has_sse42()) found.push_back({"sse4.2", extend_sse42});
#elif defined(__aarch64__)
  if (has_arm_crc()) found.push_back({"armv8", extend_arm});
#elif defined(__arm__) && __ARM_ARCH >= 7
  if (has_arm_crc()) found.push_back({"armv8", extend_arm});
#endif
  found.push_back({"table", extend_table});
  return found;
}

}  // namespace

std::span<const Crc32cVersion> crc32c_versions() {
  static const std::vector<Crc32cVersion> versions = find_versions();
  return versions;
}

std::uint32_t crc32c(std::span<const std::byte> data, std::uint32_t seed) {
  static const auto extend = crc32c_versions().front().extend;
  return extend(seed, data.data(), data.size());
}

bool crc32c_self_test() {
  std::array<std::byte, 300> pattern{};
  for (std::size_t i = 0; i < pattern.size(); ++i) pattern[i] = static_cast<std::byte>(i * 37 + 11);
  const auto check = bytes_of("123456789");
  for (const auto& version : crc32c_versions()) {
    if (version.extend(0, check.data(), check.size()) != 0xE3069283U) return false;
    for (std::size_t from = 0; from < 9; ++from) {
      for (std::size_t size : {0U, 1U, 7U, 8U, 9U, 63U, 255U, 291U}) {
        if (version.extend(7, &pattern[from], size) != extend_table(7, &pattern[from], size)) return false;
      }
    }
  }
  return true;
}

}  // namespace weather::log
