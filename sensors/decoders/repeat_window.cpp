#include "sensors/decoders/repeat_window.hpp"

#include <cstdlib>

#include "sensors/id_limit.hpp"

namespace weather::sensors {

bool RepeatWindow::repeated(std::uint64_t key, std::int64_t time_ns) {
  if (time_ns == 0 || window_ns_ <= 0) return false;
  const auto [found, fresh] = kept_.try_emplace(key, time_ns);
  if (!fresh && std::abs(time_ns - found->second) < window_ns_) return true;
  found->second = time_ns;
  if (kept_.size() > max_entries_) forget_old(time_ns);
  return false;
}

// A clock that jumped may leave nothing that is old enough: then all is forgotten, and at worst a repeat is
// kept.
void RepeatWindow::forget_old(std::int64_t now_ns) {
  std::erase_if(kept_, [&](const auto& entry) { return std::abs(now_ns - entry.second) >= window_ns_; });
  if (kept_.size() > max_entries_) kept_.clear();
}

void RepeatWindow::count(std::string_view sensor_id) {
  if (sensor_id.size() > max_sensor_id_bytes) return;
  if (counts_.size() > max_entries_) counts_.clear();
  ++counts_[std::string(sensor_id)];
}

std::uint32_t RepeatWindow::take_count(std::string_view sensor_id) {
  if (counts_.empty()) return 0;
  const auto found = counts_.find(std::string(sensor_id));
  if (found == counts_.end()) return 0;
  const auto count = found->second;
  counts_.erase(found);
  return count;
}

}  // namespace weather::sensors
