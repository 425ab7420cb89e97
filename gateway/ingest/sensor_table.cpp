#include "gateway/ingest/sensor_table.hpp"

#include <cmath>
#include <limits>

#include "sensors/reading/quantities.hpp"
#include "sensors/reading/render.hpp"

namespace weather::gateway {
namespace {

constexpr float no_value = std::numeric_limits<float>::quiet_NaN();
constexpr std::int64_t minute_ns = 60'000'000'000;

const v1::Quantity* first_number(const sensors::Reading& reading) {
  for (const auto& quantity : reading.quantities())
    if (quantity.value_case() == v1::Quantity::kNumber || quantity.value_case() == v1::Quantity::kInteger)
      return &quantity;
  return nullptr;
}

float number_of(const v1::Quantity& quantity) {
  return quantity.value_case() == v1::Quantity::kNumber ? static_cast<float>(quantity.number())
                                                        : static_cast<float>(quantity.integer());
}

}  // namespace

void SensorTable::stored(std::vector<sensors::Reading>& readings, log::Sequence last) {
  const std::lock_guard lock(mutex_);
  auto sequence = last - readings.size();
  for (auto& reading : readings) {
    ++sequence;
    if (tail_) tail_(reading, sequence);
    const auto& id = reading.sensor_id().empty() ? reading.arrival().topic() : reading.sensor_id();
    auto found = sensors_.find(id);
    if (found == sensors_.end()) {
      if (sensors_.size() >= most_sensors) continue;
      found = sensors_.emplace(id, Entry{}).first;
    }
    remember(found->second, reading);
  }
}

void SensorTable::remember(Entry& entry, sensors::Reading& reading) {
  const auto now_ns = static_cast<std::int64_t>(reading.received_time_ns());
  if (entry.readings > 0 && now_ns > entry.last_ns) {
    // Follows a change within a few readings, and forgives one that came late.
    const double gap_s = static_cast<double>(now_ns - entry.last_ns) / 1e9;
    entry.interval_s = entry.interval_s == 0 ? gap_s : entry.interval_s + (gap_s - entry.interval_s) / 8;
  }
  if (const auto* quantity = first_number(reading)) {
    const auto minute = now_ns / minute_ns;
    if (entry.recent.empty()) entry.recent.assign(minutes, no_value);
    // Minutes without a reading stay visible as gaps; a clock that jumped clears the hour.
    const auto skipped = minute - entry.recent_minute;
    if (skipped < 0 || skipped >= static_cast<std::int64_t>(minutes))
      entry.recent.assign(minutes, no_value);
    else
      for (auto at = entry.recent_minute + 1; at <= minute; ++at)
        entry.recent[static_cast<std::size_t>(at) % minutes] = no_value;
    entry.recent[static_cast<std::size_t>(minute) % minutes] = number_of(*quantity);
    entry.recent_minute = minute;
  }
  ++entry.readings;
  entry.last_ns = now_ns;
  entry.last.Swap(&reading);
}

std::size_t SensorTable::size() const {
  const std::lock_guard lock(mutex_);
  return sensors_.size();
}

std::vector<SensorStatus> SensorTable::snapshot() const {
  const std::lock_guard lock(mutex_);
  std::vector<SensorStatus> result;
  for (const auto& [id, entry] : sensors_) {
    auto& sensor = result.emplace_back();
    sensor.id = id;
    sensor.source = entry.last.arrival().source();
    sensor.error = entry.last.error();
    if (sensor.error.empty()) sensor.value_json = sensors::render_value_json(entry.last);
    sensor.last_ns = entry.last_ns;
    sensor.event_ns = static_cast<std::int64_t>(entry.last.event_time_ns());
    sensor.readings = entry.readings;
    sensor.interval_s = entry.interval_s;
    const auto& link = entry.last.link();
    if (link.has_battery_v()) sensor.battery_v = link.battery_v();
    if (link.has_battery_ratio()) sensor.battery_ratio = link.battery_ratio();
    if (link.has_rssi_dbm()) sensor.rssi_dbm = link.rssi_dbm();
    if (const auto* quantity = first_number(entry.last)) {
      sensor.recent_name = sensors::member_name(*quantity);
      sensor.recent_unit = quantity->unit();
    }
    for (std::size_t i = 1; i <= entry.recent.size(); ++i)
      sensor.recent.push_back(entry.recent[(static_cast<std::size_t>(entry.recent_minute) + i) % minutes]);
  }
  return result;
}

void SensorTable::set_tail(Tail tail) {
  const std::lock_guard lock(mutex_);
  tail_ = std::move(tail);
}

}  // namespace weather::gateway
