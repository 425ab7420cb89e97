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

inline constexpr std::size_t kSlotHeader = 40;
inline constexpr std::size_t kSlotPayload = kBlock - kSlotHeader;
using SlotBlock = std::array<std::byte, kBlock>;

struct Slot {
  LogId log{};
  std::uint64_t generation = 0;
  std::span<const std::byte, kSlotPayload> payload;
};

// The payload is written into `block` beyond kSlotHeader first; this adds what surrounds it. magic has 8
// characters.
void seal_slot(std::string_view magic, const LogId& log, std::uint64_t generation, SlotBlock& block);
Result<Slot> open_slot(std::string_view magic, std::span<const std::byte, kBlock> block);

}  // namespace weather::log
