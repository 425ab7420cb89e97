#include "sensors/sources/weatherlink_wind.hpp"

#include <algorithm>

namespace weather::sensors {

void WeatherlinkWind::polled(const std::string& did, std::int64_t time_ns) {
  box_ = did.empty() ? std::string() : "davis:" + did;
  polled_ns_ = time_ns;
}

bool WeatherlinkWind::is_ours(const Reading& reading) const {
  const auto& id = reading.sensor_id();
  return !box_.empty() && id.starts_with(box_) && (id.size() == box_.size() || id[box_.size()] == ':');
}

Decoded WeatherlinkWind::decode(const Message& message) {
  auto readings = decode_(message);
  if (!readings || readings->empty()) return readings;
  // The sink refused it before: it is the newest of those below, and counted.
  if (message.again) return readings;
  const auto pass_over = [](std::uint64_t& counter) {
    ++counter;
    return std::vector<Reading>{};
  };
  if (!std::all_of(readings->begin(), readings->end(), [this](const Reading& one) { return is_ours(one); }))
    return pass_over(foreign_);
  const auto time_ns = readings->front().event_time_ns();
  if (time_ns != 0 && static_cast<std::int64_t>(time_ns) == polled_ns_) return pass_over(repeated_);
  if (std::find(heard_.begin(), heard_.end(), message.payload) != heard_.end()) return pass_over(repeated_);
  heard_.emplace_back(message.payload);
  if (heard_.size() > most_remembered) heard_.pop_front();
  return readings;
}

}  // namespace weather::sensors
