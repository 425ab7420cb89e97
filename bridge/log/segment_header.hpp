// The first block of a segment file. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "bridge/log/format.hpp"
#include "bridge/log/log.hpp"

namespace weather::log {

struct SegmentHeader {
  std::uint16_t format = format_version;
  LogId log{};
  std::uint64_t number = 0;
  Sequence base = 1;        // sequence its first record will have
  std::uint32_t salt = 0;   // random: frames of an earlier life of this file do not carry it
  std::uint64_t bytes = 0;  // size of the file when full
  std::int64_t created_ns = 0;
  std::uint64_t previous = 0;  // number of the segment before it, 0 if none
  std::uint64_t opens = 0;     // how often the log had been opened when it was made
  Sequence end = 0;            // dense rewrites only: sequence after its last record
  friend bool operator==(const SegmentHeader&, const SegmentHeader&) = default;
};

void encode_segment_header(const SegmentHeader& header, std::span<std::byte, block_bytes> to);
// corrupt: the checksum does not fit. newer: a later format wrote it.
Result<SegmentHeader> decode_segment_header(std::span<const std::byte, block_bytes> from);

}  // namespace weather::log
