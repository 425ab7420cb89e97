#include "sensors/pulse/edge_filter.hpp"

#include <algorithm>

namespace weather::sensors {

// Numbers begin again after 2^32; one that lies half of that ahead lies behind.
std::uint64_t EdgeFilter::dropped_before(const LineEdge& edge) {
  const auto ahead = edge.number - last_number_;
  if (ahead == 0 || ahead > UINT32_MAX / 2) return UINT64_MAX;
  last_number_ = edge.number;
  return ahead - 1;
}

// Of edges that come both ways every second one is counted, and none sooner than the debouncing lets it.
std::uint64_t EdgeFilter::pulses_of(std::uint64_t dropped, std::int64_t gap_ns) const {
  if (debounce_ns_ == 0) return dropped;
  const std::uint64_t edges = counted_ == CountedEdge::both ? 1 : 2;
  const auto room = static_cast<std::uint64_t>(std::max<std::int64_t>(gap_ns, 0) / debounce_ns_);
  return std::min(dropped, room) / edges;
}

bool EdgeFilter::counts(bool rising) const {
  return counted_ == CountedEdge::both || rising == (counted_ == CountedEdge::rising);
}

void EdgeFilter::take(const LineEdge& edge, std::vector<Pulses>& pulses) {
  const auto dropped = dropped_before(edge);
  if (dropped == UINT64_MAX) return;
  settle(edge.time_ns, pulses);
  const auto since = last_ns_.value_or(edge.time_ns);
  counts_.dropped += dropped;
  if (const auto lost = pulses_of(dropped, edge.time_ns - since); lost > 0)
    pulses.push_back({std::min(since, edge.time_ns), edge.time_ns, lost});
  last_ns_ = edge.time_ns;
  if (debounce_ns_ == 0) {
    pulses.push_back({edge.time_ns, edge.time_ns, 1});
    return;
  }
  if (pending_) ++counts_.bounced;
  level_ = edge.rising;
  pending_ = true;
}

void EdgeFilter::settle(std::int64_t now_ns, std::vector<Pulses>& pulses) {
  const auto when = settles_at();
  if (!when || now_ns < *when) return;
  pending_ = false;
  // The edge that comes first came from the other level.
  if (stays_.value_or(!level_) == level_) {
    ++counts_.bounced;
    return;
  }
  stays_ = level_;
  if (counts(level_)) pulses.push_back({*last_ns_, *last_ns_, 1});
}

std::optional<std::int64_t> EdgeFilter::settles_at() const {
  if (!pending_) return std::nullopt;
  return *last_ns_ + debounce_ns_;
}

}  // namespace weather::sensors
