#include "gateway/ingest/sensor_history.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "sensors/reading/quantities.hpp"
#include "sensors/reading/render.hpp"
#include "sensors/reading/units.hpp"

namespace weather::gateway {
namespace {

constexpr std::int64_t hour_s = 3600, second_ns = 1'000'000'000;
// Its two rings, names and nodes.
constexpr std::size_t series_bytes =
    (SensorHistory::day_buckets + SensorHistory::week_buckets) * sizeof(Bucket) + 320;
static_assert(SensorHistory::most_series * series_bytes <= SensorHistory::most_bytes);

std::size_t sensor_bytes(std::string_view id, std::size_t series) {
  return 256 + 2 * id.size() + series * series_bytes;
}

// None: nothing to draw.
std::optional<float> drawn_number(const v1::Quantity& quantity) {
  if (quantity.quality() >= v1::QUALITY_ERRONEOUS) return std::nullopt;
  double value = 0;
  if (quantity.value_case() == v1::Quantity::kNumber)
    value = quantity.number();
  else if (quantity.value_case() == v1::Quantity::kInteger)
    value = static_cast<double>(quantity.integer());
  else
    return std::nullopt;
  const auto drawn = static_cast<float>(value);
  return std::isfinite(drawn) ? std::optional(drawn) : std::nullopt;
}

bool is_of(const HistoryQuantity& what, const v1::Quantity& quantity) {
  return what.name == quantity.name() && what.part == quantity.part() &&
         what.stat == static_cast<int>(quantity.stat());
}

bool is_of(const HistoryQuantity& what, const HistoryQuantity& other) {
  return what.name == other.name && what.part == other.part && what.stat == other.stat;
}

std::string shown_name(const HistoryQuantity& what) {
  v1::Quantity quantity;
  quantity.set_name(what.name);
  quantity.set_part(what.part);
  quantity.set_stat(static_cast<v1::Stat>(what.stat));
  return sensors::member_name(quantity);
}

}  // namespace

void SensorHistory::stored(const std::vector<v1::Reading>& readings, log::Sequence last) {
  const std::lock_guard lock(mutex_);
  auto sequence = last - readings.size();
  for (const auto& reading : readings) {
    const auto hour = static_cast<std::int64_t>(reading.received_time_ns()) / second_ns / hour_s;
    constexpr std::int64_t wrong_clock_hours = 24;
    if (hour > progress_.hour || hour <= progress_.hour - wrong_clock_hours) {
      progress_.hour = hour;
      progress_.before_hour = sequence;
    }
    ++sequence;
    take(reading);
  }
  progress_.last = std::max(progress_.last, last);
}

void SensorHistory::take(const v1::Reading& reading) {
  constexpr std::uint32_t not_now = v1::FLAG_RETAINED | v1::FLAG_HISTORICAL;
  if (reading.sensor_id().empty() || (reading.flags() & not_now) != 0 || reading.quantities_size() == 0)
    return;
  const auto unix_s = static_cast<std::int64_t>(reading.received_time_ns()) / second_ns;
  Sensor* sensor = nullptr;
  for (const auto& quantity : reading.quantities()) {
    const auto value = drawn_number(quantity);
    if (!value) continue;
    if (sensor == nullptr) sensor = &sensor_of(reading.sensor_id(), unix_s);
    auto* series = series_of(reading.sensor_id(), *sensor, quantity, quantity.unit(), [&quantity] {
      return HistoryQuantity{quantity.name(), quantity.part(), quantity.unit(),
                             static_cast<int>(quantity.stat())};
    });
    if (series == nullptr) continue;
    series->day.add(unix_s, *value);
    series->week.add(unix_s, *value);
  }
  if (sensor != nullptr && sensor->series.empty()) sensors_.erase(sensors_.find(reading.sensor_id()));
}

SensorHistory::Sensor& SensorHistory::sensor_of(std::string_view id, std::int64_t unix_s) {
  auto found = sensors_.find(id);
  if (found == sensors_.end()) {
    found = sensors_.emplace(std::string(id), Sensor{}).first;
    found->second.memory = sensors::Reservation(memory_, sensors::Holder::sensor_table);
  }
  auto& sensor = found->second;
  if (sensor.hours == 0 || unix_s / hour_s > sensor.last_s / hour_s) ++sensor.hours;
  sensor.last_s = std::max(sensor.last_s, unix_s);
  return sensor;
}

// The line of this quantity, begun anew if its unit is another one. Null: there is no room for it.
template <class Quantity, class Make>
SensorHistory::Series* SensorHistory::series_of(std::string_view id, Sensor& sensor, const Quantity& quantity,
                                                const std::string& unit, const Make& make) {
  auto& all = sensor.series;
  const auto found = std::ranges::find_if(all, [&](const Series& one) { return is_of(one.what, quantity); });
  if (found != all.end()) {
    if (found->what.unit != unit) *found = Series{make()};
    return &*found;
  }
  if (all.size() >= most_quantities) return nullptr;
  if (series_ >= most_series) make_way(sensor);
  if (series_ >= most_series || !sensor.memory.resize(sensor_bytes(id, all.size() + 1))) return nullptr;
  ++series_;
  return &all.emplace_back(Series{make()});
}

// Several at a time, so that the next ones need not look for them.
void SensorHistory::make_way(const Sensor& keep) {
  constexpr std::size_t at_once = 16;
  std::vector<Sensors::iterator> all;
  all.reserve(sensors_.size());
  for (auto sensor = sensors_.begin(); sensor != sensors_.end(); ++sensor)
    if (&sensor->second != &keep) all.push_back(sensor);
  const auto count = static_cast<std::ptrdiff_t>(std::min(at_once, all.size()));
  std::ranges::partial_sort(all, all.begin() + count, {}, [](const auto& sensor) {
    return std::pair(sensor->second.hours, sensor->second.last_s);
  });
  for (std::ptrdiff_t i = 0; i < count; ++i) erase(all[static_cast<std::size_t>(i)]);
}

void SensorHistory::erase(Sensors::iterator sensor) {
  series_ -= sensor->second.series.size();
  sensors_.erase(sensor);
}

std::vector<QuantityHistory> SensorHistory::of(std::string_view sensor) const {
  const std::lock_guard lock(mutex_);
  std::vector<QuantityHistory> result;
  const auto found = sensors_.find(sensor);
  if (found == sensors_.end()) return result;
  for (const auto& series : found->second.series) {
    const auto unit = series.what.unit.empty() ? sensors::canonical_unit(series.what.name)
                                               : std::string_view(series.what.unit);
    result.push_back({shown_name(series.what), sensors::unit_symbol(unit), series.day, series.week});
  }
  return result;
}

void SensorHistory::forget(const std::string& sensor) {
  const std::lock_guard lock(mutex_);
  if (const auto found = sensors_.find(sensor); found != sensors_.end()) erase(found);
}

void SensorHistory::rename(const std::string& from, const std::string& to) {
  const std::lock_guard lock(mutex_);
  const auto found = sensors_.find(from);
  if (from == to || found == sensors_.end()) return;
  if (const auto before = sensors_.find(to); before != sensors_.end()) erase(before);
  auto node = sensors_.extract(found);
  node.key() = to;
  sensors_.insert(std::move(node));
}

HistoryChunk SensorHistory::chunk(std::int64_t hour) const {
  const std::lock_guard lock(mutex_);
  HistoryChunk chunk;
  chunk.hour = hour;
  for (const auto& [id, sensor] : sensors_) {
    HistoryChunk::Sensor kept;
    for (const auto& series : sensor.series) {
      HistoryChunk::Series one{series.what, {}};
      bool any = false;
      for (std::size_t i = 0; i < HistoryChunk::buckets; ++i) {
        one.values[i] = series.day.at(hour * hour_s + static_cast<std::int64_t>(i) * day_bucket_s);
        any = any || !one.values[i].empty();
      }
      // Longer ago than the day's ring goes back: the hour as a whole, in its last ten minutes.
      if (!any) {
        one.values.back() = series.week.at(hour * hour_s);
        any = !one.values.back().empty();
      }
      if (any) kept.series.push_back(std::move(one));
    }
    if (kept.series.empty()) continue;
    kept.id = id;
    chunk.sensors.push_back(std::move(kept));
  }
  return chunk;
}

void SensorHistory::merge(const HistoryChunk& chunk) {
  const std::lock_guard lock(mutex_);
  const auto begin_s = chunk.hour * hour_s;
  for (const auto& kept : chunk.sensors) {
    auto& sensor = sensor_of(kept.id, begin_s);
    for (const auto& one : kept.series) {
      auto* series = series_of(kept.id, sensor, one.what, one.what.unit, [&one] { return one.what; });
      for (std::size_t i = 0; series != nullptr && i < HistoryChunk::buckets; ++i) {
        const auto at_s = begin_s + static_cast<std::int64_t>(i) * day_bucket_s;
        series->day.add(at_s, one.values[i]);
        series->week.add(at_s, one.values[i]);
      }
    }
    if (sensor.series.empty()) sensors_.erase(sensors_.find(kept.id));
  }
}

SensorHistory::Progress SensorHistory::progress() const {
  const std::lock_guard lock(mutex_);
  return progress_;
}

std::size_t SensorHistory::series() const {
  const std::lock_guard lock(mutex_);
  return series_;
}

}  // namespace weather::gateway
