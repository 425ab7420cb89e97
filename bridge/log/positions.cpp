#include "bridge/log/positions.hpp"

#include <algorithm>
#include <array>

#include "bridge/log/bytes.hpp"
#include "bridge/log/crc32c.hpp"

namespace weather::log {
namespace {

constexpr std::size_t checksum_bytes = 4;

std::uint32_t checksum(const FrameHeader& header, std::uint32_t seed, std::span<const std::byte> bytes) {
  std::array<std::byte, 16> place{};
  put(place.data(), header.segment);
  put(place.data() + 8, header.first);
  return crc32c(bytes, crc32c(place, seed));
}

// The numbers behind a name: turn, next and the four counts, then how many delivered ranges there are, each
// with its distance from the one before, its length and its counts.
void numbers_of(const Position& position, std::vector<std::uint64_t>& to) {
  const auto& cursor = position.cursor;
  to.assign(
      {position.turn, cursor.next, cursor.delivered, cursor.dead_lettered, cursor.dropped, cursor.passed});
  const auto count = std::min(cursor.delivered_ranges.size(), max_delivered_ranges);
  to.push_back(count);
  auto from = cursor.next;
  for (std::size_t i = 0; i < count; ++i) {
    const auto& range = cursor.delivered_ranges[i];
    to.insert(to.end(), {range.from - from, range.next - range.from, range.delivered, range.dead_lettered,
                         range.dropped, range.passed});
    from = range.next;
  }
}

class Decoder : public VarintReader {
 public:
  using VarintReader::VarintReader;

  Position position() {
    Position position{.name = text(byte()), .turn = number(), .cursor = {}};
    auto& cursor = position.cursor;
    cursor.next = number();
    cursor.delivered = number();
    cursor.dead_lettered = number();
    cursor.dropped = number();
    cursor.passed = number();
    const auto count = number();
    if (count > max_delivered_ranges) fail();
    auto from = cursor.next;
    for (std::uint64_t i = 0; i < count && !failed(); ++i) {
      DeliveredRange range;
      range.from = from + number();
      range.next = range.from + number();
      range.delivered = number();
      range.dead_lettered = number();
      range.dropped = number();
      range.passed = number();
      if (range.from < from || range.next <= range.from) fail();
      from = range.next;
      cursor.delivered_ranges.push_back(range);
    }
    return position;
  }
};

bool possible(const Position& position, const FrameHeader& header) {
  const auto& cursor = position.cursor;
  const auto beyond = cursor.delivered_ranges.empty() ? cursor.next : cursor.delivered_ranges.back().next;
  return valid_cursor_name(position.name) && cursor.next != 0 && beyond - 1 <= header.durable;
}

}  // namespace

std::size_t encode_positions(std::span<const Position> positions, const FrameHeader& header,
                             std::uint32_t seed, std::span<std::byte> room, std::vector<bool>& fit) {
  auto used = checksum_bytes;
  fit.assign(positions.size(), false);
  std::vector<std::uint64_t> numbers;
  for (std::size_t i = 0; i < positions.size(); ++i) {
    const auto& position = positions[i];
    numbers_of(position, numbers);
    auto size = 1 + position.name.size();
    for (const auto number : numbers) size += varint_size(number);
    if (used + size > room.size()) continue;
    room[used] = static_cast<std::byte>(position.name.size());
    auto* at = std::ranges::copy(bytes_of(position.name), &room[used] + 1).out;
    for (const auto number : numbers) at = put_varint(at, number);
    used += size;
    fit[i] = true;
  }
  if (used == checksum_bytes) return 0;
  put(room.data(), checksum(header, seed, room.subspan(checksum_bytes, used - checksum_bytes)));
  return used;
}

std::optional<std::vector<Position>> decode_positions(const FrameHeader& header, std::uint32_t seed,
                                                      std::span<const std::byte> from) {
  if (from.size() < checksum_bytes) return std::nullopt;
  const auto bytes = from.subspan(checksum_bytes);
  if (get<std::uint32_t>(from.data()) != checksum(header, seed, bytes)) return std::nullopt;
  std::vector<Position> positions;
  for (Decoder decoder(bytes); !decoder.done();) {
    auto position = decoder.position();
    if (decoder.failed()) return std::nullopt;
    if (possible(position, header)) positions.push_back(std::move(position));
  }
  return positions;
}

}  // namespace weather::log
