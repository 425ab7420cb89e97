#include "bridge/log/frame.hpp"

#include <algorithm>

#include <zstd.h>

#include "bridge/log/bytes.hpp"
#include "bridge/log/crc32c.hpp"

namespace weather::log {
namespace {

constexpr std::uint32_t frame_mark = 0x31465747;  // "GWF1"

}  // namespace

std::uint32_t encode_frame_header(const FrameHeader& header, std::uint32_t seed, std::byte* to) {
  put(to, frame_mark);
  put(to + 8, header.segment);
  put(to + 16, header.first);
  put(to + 24, header.durable);
  put(to + 32, header.salt);
  put(to + 36, header.body_bytes);
  put(to + 40, header.body_crc);
  put(to + 44, header.records);
  put(to + 48, header.previous_crc);
  put(to + 52, static_cast<std::uint16_t>(header.codec));
  put(to + 54, header.position_bytes);
  put(to + 56, header.base_ns);
  const auto crc = crc32c({to + 8, frame_header_bytes - 8}, seed);
  put(to + 4, crc);
  return crc;
}

std::optional<ParsedHeader> decode_frame_header(std::span<const std::byte> from, std::uint32_t seed) {
  if (from.size() < frame_header_bytes || !has_frame_mark(from)) return std::nullopt;
  const std::byte* at = from.data();
  ParsedHeader parsed;
  parsed.crc = get<std::uint32_t>(at + 4);
  if (crc32c({at + 8, frame_header_bytes - 8}, seed) != parsed.crc) return std::nullopt;
  const auto codec = get<std::uint16_t>(at + 52);
  parsed.header = {.segment = get<std::uint64_t>(at + 8),
                   .salt = get<std::uint32_t>(at + 32),
                   .first = get<std::uint64_t>(at + 16),
                   .durable = get<std::uint64_t>(at + 24),
                   .body_bytes = get<std::uint32_t>(at + 36),
                   .body_crc = get<std::uint32_t>(at + 40),
                   .records = get<std::uint32_t>(at + 44),
                   .previous_crc = get<std::uint32_t>(at + 48),
                   .codec = static_cast<Codec>(codec),
                   .position_bytes = get<std::uint16_t>(at + 54),
                   .base_ns = get<std::int64_t>(at + 56)};
  // The checksum passed: what follows only fails for bytes made to deceive, and keeps every allocation
  // bounded.
  if (codec > 1 || parsed.header.records == 0 || parsed.header.first == 0) return std::nullopt;
  if (parsed.header.body_bytes > max_frame_bytes - frame_header_bytes) return std::nullopt;
  if (parsed.header.position_bytes > parsed.header.padding()) return std::nullopt;
  if (parsed.header.first > ~Sequence{0} - parsed.header.records) return std::nullopt;
  return parsed;
}

bool has_frame_mark(std::span<const std::byte> from) {
  return from.size() >= 4 && get<std::uint32_t>(from.data()) == frame_mark;
}

std::uint32_t body_checksum(std::span<const std::byte> body, std::uint32_t seed) {
  return crc32c(body, seed);
}

std::size_t max_record_size(const Record& record) {
  return varint_size(record.payload.size()) + max_varint_bytes + 1 + record.payload.size();
}

// Record: varint payload size | varint zigzag(time - base) | type u8 | payload
std::byte* encode_record(const Record& record, std::int64_t base_ns, std::byte* to) {
  to = put_varint(to, record.payload.size());
  // Modulo 2^64, like the way back: no pair of times overflows.
  const auto delta = static_cast<std::uint64_t>(record.time_ns) - static_cast<std::uint64_t>(base_ns);
  to = put_varint(to, zigzag(static_cast<std::int64_t>(delta)));
  *to++ = static_cast<std::byte>(record.type);
  return std::copy(record.payload.begin(), record.payload.end(), to);
}

RecordWalker::RecordWalker(const FrameHeader& header, std::span<const std::byte> body)
    : at_(body.data()),
      end_(body.data() + body.size()),
      left_(header.records),
      sequence_(header.first),
      base_ns_(header.base_ns) {}

bool RecordWalker::next(Entry& entry) {
  if (left_ == 0) return false;
  std::uint64_t size = 0;
  std::uint64_t delta = 0;
  const auto* at = get_varint(at_, end_, size);
  if (at != nullptr) at = get_varint(at, end_, delta);
  if (at == nullptr || at == end_ || size > static_cast<std::uint64_t>(end_ - at - 1)) {
    damaged_ = true;
    left_ = 0;
    return false;
  }
  entry.type = static_cast<Type>(*at++);
  entry.time_ns = static_cast<std::int64_t>(static_cast<std::uint64_t>(base_ns_) +
                                            static_cast<std::uint64_t>(unzigzag(delta)));
  entry.sequence = sequence_++;
  entry.payload = {at, static_cast<std::size_t>(size)};
  at_ = at + size;
  --left_;
  return true;
}

std::optional<std::vector<std::byte>> unpack_body(std::span<const std::byte> body) {
  if (body.size() < 4) return std::nullopt;
  const auto size = get<std::uint32_t>(body.data());
  if (size > max_frame_bytes) return std::nullopt;
  std::vector<std::byte> plain(size);
  const auto done = ZSTD_decompress(plain.data(), plain.size(), body.data() + 4, body.size() - 4);
  if (ZSTD_isError(done) != 0 || done != size) return std::nullopt;
  return plain;
}

std::optional<std::vector<std::byte>> pack_body(std::span<const std::byte> body) {
  std::vector<std::byte> packed(4 + ZSTD_compressBound(body.size()));
  put(packed.data(), static_cast<std::uint32_t>(body.size()));
  const auto done = ZSTD_compress(packed.data() + 4, packed.size() - 4, body.data(), body.size(), 1);
  if (ZSTD_isError(done) != 0 || 4 + done > body.size() / 10 * 9) return std::nullopt;
  packed.resize(4 + done);
  return packed;
}

}  // namespace weather::log
