#include "sensors/quality/silence.hpp"

#include <algorithm>
#include <limits>

#include "sensors/reading/nanoseconds.hpp"

namespace weather::sensors {
namespace {

// How fast the usual interval follows: one late reading must not stretch the patience much.
constexpr std::int64_t memory = 8;
constexpr std::int64_t never = std::numeric_limits<std::int64_t>::max();

}  // namespace

void SilenceWatch::expect(std::int64_t now_ns) {
  for (const auto& [id, limit] : rules_.fixed)
    if (limit.count() > 0) sensors_.emplace(id, Sensor{now_ns, 0, false, false, true});
}

void SilenceWatch::heard(std::string_view sensor_id, std::int64_t now_ns) {
  auto found = sensors_.find(sensor_id);
  if (found == sensors_.end()) {
    if (sensors_.size() >= max_sensors_) return;
    sensors_.emplace(sensor_id, Sensor{now_ns, 0, false, false, false});
    return;
  }
  Sensor& sensor = found->second;
  if (sensor.expected) {  // the time since the start is no interval of its
    sensor.expected = false;
    sensor.last_ns = now_ns;
  }
  const std::int64_t interval = now_ns - sensor.last_ns;
  if (interval < 0) return;
  // The gap of a silence is no interval, whether anybody looked meanwhile or not.
  if (!sensor.silent && interval < limit_ns(sensor_id, sensor)) {
    sensor.usual_ns =
        sensor.usual_ns == 0 ? interval : sensor.usual_ns + (interval - sensor.usual_ns) / memory;
  }
  sensor.last_ns = now_ns;
  sensor.silent = false;
}

void SilenceWatch::forget(std::string_view sensor_id) {
  if (expects(sensor_id)) return;
  if (const auto found = sensors_.find(sensor_id); found != sensors_.end()) sensors_.erase(found);
}

void SilenceWatch::unlearn(std::string_view sensor_id, std::int64_t now_ns) {
  const auto found = sensors_.find(sensor_id);
  if (found == sensors_.end()) return;
  if (expects(sensor_id))
    found->second = Sensor{now_ns, 0, false, false, true};
  else
    sensors_.erase(found);
}

std::optional<SilenceMemory> SilenceWatch::memory_of(std::string_view sensor_id, std::int64_t now_ns) const {
  const auto found = sensors_.find(sensor_id);
  if (found == sensors_.end() || found->second.expected) return std::nullopt;
  const auto& sensor = found->second;
  return SilenceMemory{now_ns - sensor.last_ns, sensor.usual_ns, sensor.silent, sensor.reported};
}

void SilenceWatch::restore(std::string_view sensor_id, std::int64_t now_ns, const SilenceMemory& memory) {
  if (sensors_.size() >= max_sensors_) return;
  sensors_.insert_or_assign(std::string(sensor_id), Sensor{now_ns - memory.quiet_ns, memory.usual_ns,
                                                           memory.silent, memory.reported, false});
}

void SilenceWatch::shift(std::int64_t by_ns) {
  for (auto& [id, sensor] : sensors_) sensor.last_ns += by_ns;
}

std::int64_t SilenceWatch::limit_ns(std::string_view sensor_id, const Sensor& sensor) const {
  if (const auto fixed = rules_.fixed.find(sensor_id); fixed != rules_.fixed.end()) {
    return fixed->second.count() == 0 ? never : fixed->second.count() * ns_per_s;
  }
  if (sensor.usual_ns == 0) return rules_.at_most.count() * ns_per_s;
  const auto learned = static_cast<std::int64_t>(static_cast<double>(sensor.usual_ns) * rules_.factor);
  return std::clamp(learned, std::int64_t{rules_.at_least.count()} * ns_per_s,
                    std::int64_t{rules_.at_most.count()} * ns_per_s);
}

std::vector<SilenceChange> SilenceWatch::poll(std::int64_t now_ns) {
  std::vector<SilenceChange> changes;
  if (!rules_.enabled) return changes;
  for (auto& [id, sensor] : sensors_) {
    const auto limit = limit_ns(id, sensor);
    if (now_ns - sensor.last_ns >= limit) sensor.silent = true;
    if (sensor.silent == sensor.reported) continue;
    sensor.reported = sensor.silent;
    changes.push_back(
        {id, sensor.silent, !sensor.expected, sensor.last_ns, std::chrono::seconds(limit / ns_per_s)});
  }
  return changes;
}

std::vector<std::string> SilenceWatch::never_heard() const {
  std::vector<std::string> ids;
  for (const auto& [id, sensor] : sensors_)
    if (sensor.expected) ids.push_back(id);
  return ids;
}

std::vector<std::string> SilenceWatch::silent() const {
  std::vector<std::string> ids;
  for (const auto& [id, sensor] : sensors_)
    if (sensor.silent) ids.push_back(id);
  return ids;
}

bool SilenceWatch::is_silent(std::string_view sensor_id) const {
  const auto found = sensors_.find(sensor_id);
  return found != sensors_.end() && found->second.silent;
}

}  // namespace weather::sensors
