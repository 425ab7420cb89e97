#include "sensors/quality/checks.hpp"

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>

#include "sensors/id_limit.hpp"
#include "sensors/reading/builder.hpp"
#include "sensors/reading/nanoseconds.hpp"
#include "sensors/reading/quantities.hpp"
#include "sensors/reading/units.hpp"

namespace weather::sensors {
namespace {

constexpr double dew_point_tolerance = 0.5;  // Cel: what two rounded sensors may differ

std::optional<double> canonical_value(const v1::Quantity& quantity) {
  double value = 0;
  if (!numeric_value(quantity, value)) return std::nullopt;
  if (quantity.unit().empty()) return value;
  return convert(value, quantity.unit(), canonical_unit(quantity.name()));
}

v1::Quantity* find(v1::Reading& reading, std::string_view name, std::string_view part) {
  for (auto& quantity : *reading.mutable_quantities()) {
    if (quantity.name() == name && quantity.part() == part) return &quantity;
  }
  return nullptr;
}

void flag(v1::Quantity& quantity, std::uint32_t flags) {
  quantity.set_qc(quantity.qc() | flags);
  v1::Quality quality = v1::QUALITY_DOUBTFUL;
  if ((quantity.qc() & v1::QC_RANGE) != 0) quality = v1::QUALITY_ERRONEOUS;
  if ((quantity.qc() & v1::QC_SENTINEL) != 0) quality = v1::QUALITY_MISSING;
  if (quantity.qc() != 0) quantity.set_quality(quality);
}

// Both are suspect when the lesser is larger than the greater.
void check_order(v1::Reading& reading, std::string_view lesser, std::string_view greater, double tolerance) {
  for (auto& quantity : *reading.mutable_quantities()) {
    if (quantity.name() != lesser) continue;
    auto* const other = find(reading, greater, quantity.part());
    if (other == nullptr || other->stat() == v1::STAT_MAX || other->stat() == v1::STAT_MIN) continue;
    const auto low = canonical_value(quantity), high = canonical_value(*other);
    if (!low || !high || *low <= *high + tolerance) continue;
    flag(quantity, v1::QC_CONSISTENCY);
    flag(*other, v1::QC_CONSISTENCY);
  }
}

}  // namespace

QualityChecks::QualityChecks(QualityOptions options, std::size_t max_series)
    : options_(std::move(options)), max_series_(max_series) {}

void QualityChecks::apply(v1::Reading& reading, std::int64_t received_ns) {
  const auto event_ns = static_cast<std::int64_t>(reading.event_time_ns());
  const std::int64_t time_ns = event_ns != 0 ? event_ns : received_ns;
  for (auto& quantity : *reading.mutable_quantities()) {
    const auto limits = options_.limits.find(quantity.name());
    const auto value = canonical_value(quantity);
    if (limits == options_.limits.end() || !value) continue;
    const auto flags = check(reading, quantity, limits->second, *value, time_ns);
    if (flags != 0) {
      flag(quantity, flags);
    } else if (quantity.quality() == v1::QUALITY_UNCHECKED) {
      quantity.set_quality(v1::QUALITY_GOOD);
    }
  }
  if (!options_.consistency) return;
  check_order(reading, "wind_speed", "wind_speed_of_gust", 0);
  check_order(reading, "dew_point_temperature", "air_temperature", dew_point_tolerance);
}

std::uint32_t QualityChecks::check(const v1::Reading& reading, const v1::Quantity& quantity,
                                   const QuantityLimits& limits, double value, std::int64_t time_ns) {
  double sent = value;
  numeric_value(quantity, sent);
  if (!quantity.src_unit().empty()) sent = quantity.src_value();
  const auto& sentinels = options_.sentinels;
  if (std::find(sentinels.begin(), sentinels.end(), sent) != sentinels.end()) return v1::QC_SENTINEL;
  if (value < limits.low || value > limits.high) return v1::QC_RANGE;
  constexpr std::uint32_t not_current = v1::FLAG_RETAINED | v1::FLAG_HISTORICAL;
  if ((reading.flags() & not_current) != 0 || time_ns == 0) return 0;
  std::string key = reading.sensor_id() + '\n' + quantity.name() + '\n' + quantity.part();
  if (key.size() > max_series_key_bytes) return 0;
  if (series_.size() >= max_series_) series_.clear();
  const auto [found, fresh] = series_.try_emplace(std::move(key), Series{value, time_ns, time_ns});
  return fresh ? 0 : compare(found->second, limits, value, time_ns);
}

std::uint32_t QualityChecks::compare(Series& series, const QuantityLimits& limits, double value,
                                     std::int64_t time_ns) const {
  if (time_ns < series.last_ns) return 0;  // came late: says nothing about the present
  std::uint32_t flags = 0;
  const double change = std::abs(value - series.last);
  if (change > limits.step && time_ns - series.last_ns <= limits.step_within_s * ns_per_s)
    flags |= v1::QC_STEP;
  if (change > 0) series.same_since_ns = time_ns;
  const bool resting = value >= limits.rest_low && value <= limits.rest_high;
  if (limits.stuck_s > 0 && !resting && time_ns - series.same_since_ns >= limits.stuck_s * ns_per_s) {
    flags |= v1::QC_PERSISTENCE;
  }
  series.last = value;
  series.last_ns = time_ns;
  return flags;
}

}  // namespace weather::sensors
