// One frame = the records of one or more appends that became durable together. Pure: bytes in, bytes out.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "bridge/log/format.hpp"
#include "bridge/log/log.hpp"

namespace weather::log {

inline constexpr std::size_t frame_header_bytes = 64;

enum class Codec : std::uint8_t { plain = 0, zstd = 1 };

struct FrameHeader {
  std::uint64_t segment = 0;  // number of the segment it was written for: a recycled file holds others
  std::uint32_t salt = 0;     // of that segment
  Sequence first = 0;         // sequence of its first record
  Sequence durable = 0;       // all up to this one was on the card before this frame was written
  std::uint32_t body_bytes = 0;
  std::uint32_t body_crc = 0;
  std::uint32_t records = 0;
  std::uint32_t previous_crc = 0;  // header checksum of the frame before it in this segment, 0 for the first
  Codec codec = Codec::plain;
  std::uint16_t position_bytes = 0;  // of the padding: where the cursors stand (positions.hpp)
  std::int64_t base_ns = 0;          // record times are stored relative to this
  friend bool operator==(const FrameHeader&, const FrameHeader&) = default;

  Sequence last() const { return first + records - 1; }
  std::uint64_t size() const {
    return (frame_header_bytes + body_bytes + block_bytes - 1) / block_bytes * block_bytes;
  }
  std::size_t padding() const { return static_cast<std::size_t>(size()) - frame_header_bytes - body_bytes; }
};

// Writes the header with its checksum; returns the checksum.
std::uint32_t encode_frame_header(const FrameHeader& header, std::uint32_t seed, std::byte* to);

struct ParsedHeader {
  FrameHeader header;
  std::uint32_t crc = 0;
};
// Nothing: no frame begins here, or its header is damaged. `from` holds at least frame_header_bytes bytes.
std::optional<ParsedHeader> decode_frame_header(std::span<const std::byte> from, std::uint32_t seed);
// True if the bytes carry the frame mark, whole or damaged: tells damage from bytes that never were a frame.
bool has_frame_mark(std::span<const std::byte> from);

std::uint32_t body_checksum(std::span<const std::byte> body, std::uint32_t seed);

// Size of a record in a body, at most.
std::size_t max_record_size(const Record& record);
// Writes a record; returns the byte after it.
std::byte* encode_record(const Record& record, std::int64_t base_ns, std::byte* to);

// Walks the records of a (plain) body that passed its checksum.
class RecordWalker {
 public:
  RecordWalker() = default;
  RecordWalker(const FrameHeader& header, std::span<const std::byte> body);
  // The next record; false at the end or when the body does not parse (then damaged() is true).
  bool next(Entry& entry);
  bool damaged() const { return damaged_; }
  bool done() const { return left_ == 0; }

 private:
  const std::byte* at_ = nullptr;
  const std::byte* end_ = nullptr;
  std::uint32_t left_ = 0;
  Sequence sequence_ = 0;
  std::int64_t base_ns_ = 0;
  bool damaged_ = false;
};

// zstd bodies: u32 size when unpacked, then one zstd frame. Nothing if it would not fit a frame or is
// damaged.
std::optional<std::vector<std::byte>> unpack_body(std::span<const std::byte> body);
// Nothing if packing does not make it at least 10 % smaller.
std::optional<std::vector<std::byte>> pack_body(std::span<const std::byte> body);

}  // namespace weather::log
