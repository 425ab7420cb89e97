#include "bridge/log/segment_header.hpp"

#include <algorithm>

#include "bridge/log/bytes.hpp"
#include "bridge/log/crc32c.hpp"

namespace weather::log {
namespace {

constexpr std::string_view file_magic = "GWLSEG1\n";

}  // namespace

void encode_segment_header(const SegmentHeader& header, std::span<std::byte, block_bytes> to) {
  std::fill(to.begin(), to.end(), std::byte{0});
  std::ranges::copy(bytes_of(file_magic), to.begin());
  put(&to[12], header.format);
  std::ranges::copy(header.log, &to[16]);
  put(&to[32], header.number);
  put(&to[40], header.base);
  put(&to[48], header.salt);
  put(&to[52], static_cast<std::uint32_t>(block_bytes));
  put(&to[56], header.bytes);
  put(&to[64], header.created_ns);
  put(&to[72], header.previous);
  put(&to[80], header.opens);
  put(&to[88], header.end);
  put(&to[8], crc32c(to.subspan(12)));
}

Result<SegmentHeader> decode_segment_header(std::span<const std::byte, block_bytes> from) {
  if (!std::ranges::equal(from.first(file_magic.size()), bytes_of(file_magic))) return fail(Errc::corrupt);
  if (crc32c(from.subspan(12)) != get<std::uint32_t>(&from[8])) return fail(Errc::corrupt);
  SegmentHeader header;
  header.format = get<std::uint16_t>(&from[12]);
  if (!readable_version(header.format)) return fail(Errc::newer);
  std::copy_n(&from[16], header.log.size(), header.log.begin());
  header.number = get<std::uint64_t>(&from[32]);
  header.base = get<std::uint64_t>(&from[40]);
  header.salt = get<std::uint32_t>(&from[48]);
  header.bytes = get<std::uint64_t>(&from[56]);
  header.created_ns = get<std::int64_t>(&from[64]);
  header.previous = get<std::uint64_t>(&from[72]);
  header.opens = get<std::uint64_t>(&from[80]);
  header.end = get<std::uint64_t>(&from[88]);
  if (header.base == 0 || get<std::uint32_t>(&from[52]) != block_bytes) return fail(Errc::corrupt);
  return header;
}

}  // namespace weather::log
