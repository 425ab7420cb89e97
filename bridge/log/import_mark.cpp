#include "bridge/log/import_mark.hpp"

#include <algorithm>

#include "bridge/log/bytes.hpp"

namespace weather::log {
namespace {

constexpr std::size_t ranges_at = 16;
constexpr std::size_t max_ranges = (slot_payload_bytes - ranges_at) / 16;

}  // namespace

bool ImportMark::contains(Sequence first, Sequence last) const {
  return std::ranges::any_of(ranges,
                             [&](const auto& range) { return first >= range.first && last <= range.second; });
}

void ImportMark::add(Sequence first, Sequence last) {
  ranges.emplace_back(first, last);
  std::ranges::sort(ranges);
  std::vector<std::pair<Sequence, Sequence>> merged;
  for (const auto& range : ranges) {
    if (!merged.empty() && range.first <= merged.back().second + 1) {
      merged.back().second = std::max(merged.back().second, range.second);
    } else {
      merged.push_back(range);
    }
  }
  ranges = std::move(merged);
}

void encode_import_mark(const ImportMark& mark, std::span<std::byte, slot_payload_bytes> to) {
  std::ranges::fill(to, std::byte{0});
  // Should there be more ranges than fit, the oldest are forgotten: importing them again adds copies under
  // the same id, which consumers drop.
  const auto count = std::min(mark.ranges.size(), max_ranges);
  const auto skip = mark.ranges.size() - count;
  put(&to[0], mark.scanned);
  put(&to[8], std::uint64_t{count});
  for (std::size_t i = 0; i < count; ++i) {
    put(&to[ranges_at + 16 * i], mark.ranges[skip + i].first);
    put(&to[ranges_at + 16 * i + 8], mark.ranges[skip + i].second);
  }
}

ImportMark decode_import_mark(std::span<const std::byte, slot_payload_bytes> from) {
  ImportMark mark;
  mark.scanned = get<std::uint64_t>(&from[0]);
  const auto count = std::min<std::uint64_t>(get<std::uint64_t>(&from[8]), max_ranges);
  for (std::size_t i = 0; i < count; ++i) {
    mark.ranges.emplace_back(get<std::uint64_t>(&from[ranges_at + 16 * i]),
                             get<std::uint64_t>(&from[ranges_at + 16 * i + 8]));
  }
  return mark;
}

}  // namespace weather::log
