#include "bridge/encode/clock_table.hpp"

#include <algorithm>
#include <cstdlib>

#include "bridge/log/bytes.hpp"
#include "bridge/log/nanoseconds.hpp"

namespace weather::bridge {
namespace {

constexpr std::byte version{1};
constexpr std::size_t anchor_bytes = 33;
// A receiver beside the gateway (rtl_433) reads the same wrong clock: its times move with ours.
constexpr std::int64_t same_clock_ns = 3600 * log::ns_per_s;

bool better(const ClockAnchor& offered, const ClockAnchor& kept) {
  if (offered.known != kept.known) return offered.known;
  return offered.known ? offered.sequence >= kept.sequence : offered.sequence < kept.sequence;
}

std::int64_t offset_ns(const ClockAnchor& anchor) {
  return anchor.wall_ns - anchor.boot_clock_ns;
}

bool by_our_clock(const sensors::ReadingTimes& times, std::int64_t raw_ns) {
  return times.source != v1::TIME_SENSOR && std::abs(times.event_ns - raw_ns) < same_clock_ns;
}

}  // namespace

void ClockTable::learn(const ClockAnchor& anchor) {
  const auto same = std::find_if(anchors_.begin(), anchors_.end(),
                                 [&](const ClockAnchor& a) { return a.boot_id == anchor.boot_id; });
  if (same != anchors_.end()) {
    if (!better(anchor, *same)) return;
    anchors_.erase(same);
  }
  const auto after =
      std::upper_bound(anchors_.begin(), anchors_.end(), anchor,
                       [](const ClockAnchor& a, const ClockAnchor& b) { return a.sequence < b.sequence; });
  anchors_.insert(after, anchor);
  if (anchors_.size() > most_boots) anchors_.erase(anchors_.begin());
}

// Readings of a boot end where the anchor of the next one stands.
void ClockTable::forget_before(log::Sequence first) {
  while (anchors_.size() > 1 && anchors_[1].sequence <= first) anchors_.erase(anchors_.begin());
}

const ClockAnchor* ClockTable::find(std::uint64_t boot_id) const {
  const auto found = std::find_if(anchors_.begin(), anchors_.end(),
                                  [&](const ClockAnchor& a) { return a.boot_id == boot_id; });
  return found == anchors_.end() ? nullptr : &*found;
}

std::optional<std::int64_t> ClockTable::wall_ns(std::uint64_t boot_id, std::int64_t boot_clock_ns) const {
  const auto* anchor = find(boot_id);
  if (anchor == nullptr) return std::nullopt;
  return boot_clock_ns + offset_ns(*anchor);
}

std::int64_t ClockTable::estimate(std::uint64_t boot_id, std::int64_t boot_clock_ns, std::int64_t raw_ns,
                                  log::Sequence sequence) const {
  std::int64_t time = std::max(wall_ns(boot_id, boot_clock_ns).value_or(raw_ns), earliest_ns);
  if (sequence == 0) return time;
  for (const auto& anchor : anchors_) {
    if (!anchor.known || anchor.boot_id == boot_id || anchor.sequence == foreign_sequence) continue;
    if (anchor.sequence < sequence)
      time = std::max(time, anchor.wall_ns);
    else
      return std::min(time, offset_ns(anchor));  // the moment that boot began
  }
  return time;
}

std::vector<std::byte> encode_anchors(const ClockTable& table) {
  std::vector<std::byte> bytes(1 + table.anchors().size() * anchor_bytes);
  bytes[0] = version;
  auto* at = bytes.data() + 1;
  for (const auto& anchor : table.anchors()) {
    log::put(at, anchor.boot_id);
    log::put(at + 8, anchor.boot_clock_ns);
    log::put(at + 16, anchor.wall_ns);
    log::put(at + 24, anchor.sequence);
    at[32] = std::byte{anchor.known};
    at += anchor_bytes;
  }
  return bytes;
}

std::optional<std::vector<ClockAnchor>> decode_anchors(std::span<const std::byte> payload,
                                                       log::Sequence sequence) {
  if (payload.empty() || payload[0] != version || (payload.size() - 1) % anchor_bytes != 0)
    return std::nullopt;
  std::vector<ClockAnchor> anchors;
  for (const auto* at = payload.data() + 1; at != payload.data() + payload.size(); at += anchor_bytes) {
    ClockAnchor anchor;
    anchor.boot_id = log::get<std::uint64_t>(at);
    anchor.boot_clock_ns = log::get<std::int64_t>(at + 8);
    anchor.wall_ns = log::get<std::int64_t>(at + 16);
    anchor.sequence = log::get<std::uint64_t>(at + 24);
    anchor.known = at[32] != std::byte{0};
    if (anchor.sequence == 0) anchor.sequence = sequence;
    anchors.push_back(anchor);
  }
  return anchors;
}

std::int64_t event_ns_of(const sensors::ReadingTimes& times, const log::Entry& entry) {
  if (times.event_ns != 0) return times.event_ns;
  return times.received_ns != 0 ? times.received_ns : entry.time_ns;
}

bool restamp(sensors::ReadingTimes& times, log::Sequence sequence, const ClockTable& table) {
  const auto quality = times.clock_quality;
  if (quality == v1::CLOCK_SYNCHRONISED || times.boot_clock_ns == 0) return false;
  if (quality == v1::CLOCK_CORRECTED || quality == v1::CLOCK_ESTIMATED) return false;
  const auto raw = times.received_ns;
  const auto* anchor = table.find(times.boot_id);
  const bool corrected = anchor != nullptr && anchor->known;
  const auto right = corrected ? times.boot_clock_ns + offset_ns(*anchor)
                               : table.estimate(times.boot_id, times.boot_clock_ns, raw, sequence);
  // Whether the clock was right was not known, and nothing says that it was wrong.
  if (quality == v1::CLOCK_UNKNOWN && std::abs(right - raw) < log::ns_per_s) return false;
  if (times.event_ns == 0)
    times.event_ns = right;
  else if (by_our_clock(times, raw))
    times.event_ns += right - raw;
  times.received_ns = right;
  times.clock_quality = corrected ? v1::CLOCK_CORRECTED : v1::CLOCK_ESTIMATED;
  sensors::replace_unbelievable_time(times, table.limits());
  return true;
}

}  // namespace weather::bridge
