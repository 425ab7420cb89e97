// CRC-32C (Castagnoli, reflected 0x82F63B78), the checksum of every structure in the log.
// The fastest version this processor has is chosen once: SSE4.2, ARMv8 CRC instructions, or slicing by 8.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace weather::log {

// Checksum of `seed`'s bytes followed by `data`: crc32c(b, crc32c(a)) is the checksum of a then b.
std::uint32_t crc32c(std::span<const std::byte> data, std::uint32_t seed = 0);

struct Crc32cVersion {
  const char* name;
  std::uint32_t (*extend)(std::uint32_t seed, const std::byte* data, std::size_t size);
};

// Every version this processor can run, the portable one last.
std::span<const Crc32cVersion> crc32c_versions();

// True if each of them gives the published check value and agrees with the portable one on odd lengths and
// alignments. Log::open runs it once and refuses to start on a processor that fails it.
bool crc32c_self_test();

}  // namespace weather::log
