#include "gateway/simulate/virtual_gateway.hpp"

#include <algorithm>

namespace weather::gateway {

using bridge::Fate;

VirtualGateway::VirtualGateway(std::uint64_t sensors, std::chrono::milliseconds interval, double phase,
                               Time start, VirtualLink link)
    : sensors_(sensors),
      step_(std::chrono::nanoseconds(interval) / static_cast<std::int64_t>(sensors)),
      next_reading_(start + std::chrono::duration_cast<std::chrono::nanoseconds>(step_ * phase)),
      link_(link) {}

void VirtualGateway::take_in(Time now, std::int64_t wall_ns) {
  for (; next_reading_ <= now; next_reading_ += step_) {
    const auto age = std::chrono::duration_cast<std::chrono::nanoseconds>(now - next_reading_).count();
    kept_.push_back({next_sequence_, sensor_of(next_sequence_, sensors_), wall_ns - age});
    ++next_sequence_;
  }
}

std::optional<VirtualGateway::Sending> VirtualGateway::next(std::size_t room) {
  if (failing_ || !link_.up()) return std::nullopt;
  while (next_to_send_ < next_sequence_ && window_.in_flight() < room) {
    const auto& reading = kept_[next_to_send_ - kept_.front().sequence];
    const auto fate = window_.known_fate(reading.sequence);
    const auto id = window_.push(
        {reading.sequence, reading.sequence + 1, reading.time_ns, 1, 0, fate.value_or(Fate::in_flight)});
    ++next_to_send_;
    if (fate) continue;
    if (reading.sequence <= sent_until_) ++resent_;
    sent_until_ = std::max(sent_until_, reading.sequence);
    return Sending{reading, id};
  }
  return std::nullopt;
}

void VirtualGateway::refused(const Sending& sending) {
  window_.drop_last();
  next_to_send_ = sending.reading.sequence;
}

void VirtualGateway::reported(bridge::Window::Id id, bool delivered) {
  if (!window_.settle(id, delivered ? Fate::delivered : Fate::failed)) return;
  failing_ |= !delivered;
  const auto first = window_.advance().next;
  while (!kept_.empty() && kept_.front().sequence < first) kept_.pop_front();
  if (!failing_ || window_.in_flight() > 0) return;
  failing_ = false;
  next_to_send_ = window_.rewind();
}

}  // namespace weather::gateway
