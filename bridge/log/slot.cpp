#include "bridge/log/slot.hpp"

#include <algorithm>

#include "bridge/log/bytes.hpp"
#include "bridge/log/crc32c.hpp"

namespace weather::log {

void seal_slot(std::string_view magic, const LogId& log, std::uint64_t generation, SlotBlock& block,
               std::uint16_t format) {
  std::ranges::copy(bytes_of(magic.substr(0, 8)), block.begin());
  put(&block[12], format);
  put(&block[14], std::uint16_t{0});
  put(&block[16], generation);
  std::ranges::copy(log, &block[24]);
  put(&block[8], crc32c(std::span(block).subspan(12)));
}

Result<Slot> open_slot(std::string_view magic, std::span<const std::byte, block_bytes> block) {
  if (!std::ranges::equal(block.first<8>(), bytes_of(magic.substr(0, 8)))) return fail(Errc::corrupt);
  if (crc32c(block.subspan(12)) != get<std::uint32_t>(&block[8])) return fail(Errc::corrupt);
  const auto format = get<std::uint16_t>(&block[12]);
  if (!readable_version(format)) return fail(Errc::newer);
  Slot slot{.format = format, .payload = block.subspan<slot_header_bytes>()};
  slot.generation = get<std::uint64_t>(&block[16]);
  std::copy_n(&block[24], slot.log.size(), slot.log.begin());
  return slot;
}

}  // namespace weather::log
