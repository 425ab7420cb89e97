#include "sensors/access/seldom.hpp"

#include <utility>

namespace weather::sensors {

std::optional<std::uint64_t> Seldom::event(const std::string& key, Clock::time_point now) {
  if (now - minute_ >= period) {
    minute_ = now;
    lines_ = 0;
    if (keys_.size() >= most_keys) make_room(now);
  }
  // In a flood of keys those that find no room share one.
  auto& known = keys_[keys_.size() < most_keys || keys_.contains(key) ? key : std::string()];
  ++known.unsaid;
  if ((known.ever && now - known.said < period) || lines_ >= most_lines) return {};
  ++lines_;
  known.ever = true;
  known.said = now;
  return std::exchange(known.unsaid, 0);
}

void Seldom::make_room(Clock::time_point now) {
  std::erase_if(keys_, [&](const auto& entry) { return now - entry.second.said >= period; });
}

std::string and_more(std::uint64_t count) {
  return count < 2 ? "" : " (and " + std::to_string(count - 1) + " more since the last such line)";
}

}  // namespace weather::sensors
