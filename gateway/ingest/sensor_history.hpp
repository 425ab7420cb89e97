// The last day and the last week of every number the sensors say, for the charts. Thread-safe.
//
// A value counts at the time the gateway received it. What is retained, historical, erroneous or missing is
// not drawn. Bounded: 8 quantities a sensor, 1,024 in all, 4 MiB; where there are too many, the sensors heard
// in the fewest hours give way, of those the ones not heard for the longest time. It draws on the memory
// budget, which may leave it less.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "bridge/log/log.hpp"
#include "gateway/ingest/bucket_ring.hpp"
#include "gateway/ingest/history_chunk.hpp"
#include "sensors/budget/memory_budget.hpp"
#include "sensors/reading/reading.pb.h"

namespace weather::gateway {

// One quantity of a sensor, for drawing.
struct QuantityHistory {
  std::string name;  // "temperature_indoor"
  std::string unit;  // as people write it: "°C"
  BucketRing day, week;
};

class SensorHistory {
 public:
  static constexpr std::size_t most_quantities = 8, most_series = 1024, most_bytes = 4U << 20;
  static constexpr std::int64_t day_bucket_s = 600, week_bucket_s = 3600;
  static constexpr std::size_t day_buckets = 144, week_buckets = 168;

  explicit SensorHistory(sensors::MemoryBudget* memory = nullptr) : memory_(memory) {}

  // In the order of the log; `last` is the record of the last of them. Added again they change nothing.
  void stored(const std::vector<v1::Reading>& readings, log::Sequence last);
  std::vector<QuantityHistory> of(std::string_view sensor) const;
  void forget(const std::string& sensor);
  // Under another name from now on; what that one had is gone.
  void rename(const std::string& from, const std::string& to);

  // For what keeps it over a restart: an hour's ten minutes, and back again.
  HistoryChunk chunk(std::int64_t hour) const;
  void merge(const HistoryChunk& chunk);
  struct Progress {
    std::int64_t hour = 0;          // of the newest reading; 0: none yet
    log::Sequence last = 0;         // record added last
    log::Sequence before_hour = 0;  // record before the first of that hour
  };
  Progress progress() const;
  std::size_t series() const;

 private:
  struct Series {
    HistoryQuantity what;
    BucketRing day{day_bucket_s, day_buckets}, week{week_bucket_s, week_buckets};
  };
  struct Sensor {
    std::vector<Series> series;
    std::int64_t last_s = 0;
    std::uint32_t hours = 0;  // in so many it was heard
    sensors::Reservation memory;
  };
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
  };
  using Sensors = std::unordered_map<std::string, Sensor, Hash, std::equal_to<>>;
  Sensor& sensor_of(std::string_view id, std::int64_t unix_s);
  template <class Quantity, class Make>
  Series* series_of(std::string_view id, Sensor& sensor, const Quantity& quantity, const std::string& unit,
                    const Make& make);
  void take(const v1::Reading& reading);
  void make_way(const Sensor& keep);
  void erase(Sensors::iterator sensor);

  sensors::MemoryBudget* const memory_;
  mutable std::mutex mutex_;
  Sensors sensors_;
  std::size_t series_ = 0;
  Progress progress_;
};

}  // namespace weather::gateway
