// Where the cursors stand, as a frame carries it in the padding behind its records: the commit that is
// written anyhow keeps them too. Pure: bytes in, bytes out.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "bridge/log/frame.hpp"

namespace weather::log {

// A cursor's turn grows with every move, also with one back: of two places that tell where it stands, the one
// with the higher turn counts.
struct Position {
  std::string name;
  std::uint64_t turn = 0;
  Cursor cursor;
  friend bool operator==(const Position&, const Position&) = default;
};

// Writes as many of the positions as fit, in their order, behind the records of this frame; returns the bytes
// used, 0: none fits; `fit` tells of each whether it is among them. The header must already have its segment
// and first sequence: the checksum covers them, so that the positions of another frame never pass for those
// of this one.
std::size_t encode_positions(std::span<const Position> positions, const FrameHeader& header,
                             std::uint32_t seed, std::span<std::byte> room, std::vector<bool>& fit);
// `from`: exactly the bytes encode_positions used. Nothing: damaged. One that cannot be, because it lies
// beyond what had been made durable when the frame was written, is left out.
std::optional<std::vector<Position>> decode_positions(const FrameHeader& header, std::uint32_t seed,
                                                      std::span<const std::byte> from);

}  // namespace weather::log
