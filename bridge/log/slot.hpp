// A slot: one 4 KiB block with a checksum and a generation. STATE and each cursor file hold two of them, LOG
// holds the same one twice; the newest valid one counts, so that a torn write leaves the one before. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "bridge/log/format.hpp"
#include "bridge/log/result.hpp"

namespace weather::log {

inline constexpr std::size_t slot_header_bytes = 40;
inline constexpr std::size_t slot_payload_bytes = block_bytes - slot_header_bytes;
using SlotBlock = std::array<std::byte, block_bytes>;

struct Slot {
  std::uint16_t format = 0;
  LogId log{};
  std::uint64_t generation = 0;
  std::span<const std::byte, slot_payload_bytes> payload;
};

// The payload is written into `block` beyond slot_header_bytes first; this adds what surrounds it. magic has
// 8 characters.
void seal_slot(std::string_view magic, const LogId& log, std::uint64_t generation, SlotBlock& block,
               std::uint16_t format = format_version);
Result<Slot> open_slot(std::string_view magic, std::span<const std::byte, block_bytes> block);

}  // namespace weather::log
