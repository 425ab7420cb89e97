#include "sensors/mapping/repeats.hpp"

#include <algorithm>

#include "sensors/id_limit.hpp"

namespace weather::sensors {
namespace {

std::uint64_t identity(const Message& message) {
  if (message.packet_id == 0) return 0;
  return std::max<std::uint64_t>(1, hash_bytes(message.topic, message.packet_id));
}

}  // namespace

std::uint64_t hash_bytes(std::string_view bytes, std::uint64_t seed) {
  std::uint64_t hash = 14695981039346656037ULL ^ seed;
  for (const char c : bytes) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211ULL;
  return hash;
}

RepeatFilter::Sensor& RepeatFilter::sensor(std::string_view id) {
  if (const auto found = by_id_.find(id); found != by_id_.end()) {
    sensors_.splice(sensors_.begin(), sensors_, found->second);
    return sensors_.front();
  }
  if (sensors_.size() >= max_sensors_) {
    by_id_.erase(sensors_.back().id);
    sensors_.pop_back();
  }
  sensors_.push_front(Sensor{.id = std::string(id)});
  by_id_.emplace(sensors_.front().id, sensors_.begin());
  return sensors_.front();
}

bool RepeatFilter::repeated(std::string_view sensor_id, std::uint64_t key, const Message& message) {
  if (sensor_id.size() > max_sensor_id_bytes) return false;  // it will not be stored
  auto& known = sensor(sensor_id);
  const auto from = identity(message);
  const auto depth = std::min({depth_, known.count, recent_keys});
  for (std::size_t back = 1; back <= depth; ++back) {
    const auto& seen = known.recent[(known.count - back) % recent_keys];
    if (seen.key == key) return !message.again && (from == 0 || seen.message != from);
  }
  known.recent[known.count++ % recent_keys] = {key, from};
  return false;
}

}  // namespace weather::sensors
