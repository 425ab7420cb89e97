// Frames: arbitrary bytes, and arbitrary bytes under valid checksums, decode or are refused; what decodes is
// inside its bounds and encodes to itself. So do the cursors' positions behind the records.
#include "bridge/log/frame.hpp"

#include <cstdlib>

#include "bridge/log/bytes.hpp"
#include "bridge/log/crc32c.hpp"
#include "bridge/log/positions.hpp"

namespace {

using namespace weather::log;

constexpr std::uint32_t seed = 0x5eed;

void walk(const FrameHeader& header, std::span<const std::byte> body) {
  RecordWalker walker(header, body);
  Entry entry;
  std::uint64_t records = 0, bytes = 0;
  while (walker.next(entry)) {
    if (entry.sequence != header.first + records++) std::abort();
    bytes += entry.payload.size();
    if (!entry.payload.empty() && (entry.payload.data() < body.data() ||
                                   entry.payload.data() + entry.payload.size() > body.data() + body.size())) {
      std::abort();
    }
  }
  if (bytes > body.size() || records > header.records) std::abort();
}

void check_positions(const FrameHeader& header, std::span<const std::byte> bytes) {
  const auto positions = decode_positions(header, seed, bytes);
  if (!positions) return;
  std::vector<std::byte> again(bytes.size() + 1024);
  std::vector<bool> fit;
  const auto used = encode_positions(*positions, header, seed, again, fit);
  if (positions->empty()) return;
  const auto twice = decode_positions(header, seed, std::span(again).first(used));
  if (!twice || *twice != *positions) std::abort();
}

// The positions with a checksum that fits, so that the fuzzer gets behind it.
void decode_positions_of(const FrameHeader& header, std::span<const std::byte> bytes) {
  check_positions(header, bytes);
  if (bytes.size() < 4) return;
  std::array<std::byte, 16> place{};
  put(place.data(), header.segment);
  put(place.data() + 8, header.first);
  std::vector<std::byte> valid(bytes.begin(), bytes.end());
  put(valid.data(), crc32c(std::span(valid).subspan(4), crc32c(place, seed)));
  check_positions(header, valid);
}

void decode(std::span<const std::byte> bytes) {
  const auto parsed = decode_frame_header(bytes, seed);
  if (!parsed) return;
  if (parsed->header.size() > max_frame_bytes || parsed->header.last() < parsed->header.first) std::abort();
  std::array<std::byte, frame_header_bytes> again{};
  if (encode_frame_header(parsed->header, seed, again.data()) != parsed->crc) std::abort();
  auto body = bytes.subspan(frame_header_bytes);
  decode_positions_of(parsed->header,
                      body.last(std::min<std::size_t>(body.size(), parsed->header.position_bytes)));
  body = body.first(std::min<std::size_t>(body.size(), parsed->header.body_bytes));
  if (parsed->header.codec == Codec::plain) {
    walk(parsed->header, body);
  } else if (const auto plain = unpack_body(body)) {
    if (plain->size() > max_frame_bytes) std::abort();
    walk(parsed->header, *plain);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto input = std::as_bytes(std::span(data, size));
  decode(input);
  if (size < frame_header_bytes) return 0;
  std::vector<std::byte> valid(input.begin(), input.end());
  put(valid.data(), std::uint32_t{0x31465747});
  put(valid.data() + 4, crc32c(std::span(valid).subspan(8, frame_header_bytes - 8), seed));
  decode(valid);
  return 0;
}
