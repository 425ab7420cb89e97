#include "sensors/pulse/pulse_reading.hpp"

#include <algorithm>
#include <cmath>

#include "sensors/reading/builder.hpp"
#include "sensors/reading/nanoseconds.hpp"
#include "sensors/reading/number.hpp"

namespace weather::sensors {
namespace {

double rounded(double value, double steps) {
  return std::round(value * steps) / steps;
}

double speed(const PulseScale& scale, std::uint64_t pulses, std::int64_t time_ns) {
  if (pulses == 0) return 0;
  const auto hz = static_cast<double>(pulses) * static_cast<double>(ns_per_s) / static_cast<double>(time_ns);
  return std::max(0.0, scale.m_s_offset + hz * scale.m_s_per_hz);
}

void add_direction(v1::Reading& reading, const VaneWindow& vane, std::uint32_t period_s) {
  const Field direction{.name = "wind_from_direction", .stat = v1::STAT_MEAN, .period_s = period_s};
  if (vane.mean_degrees) {
    add_quantity(reading, direction, std::fmod(rounded(*vane.mean_degrees, 10), 360));
  } else if (!vane.error.empty()) {
    add_quantity(reading, direction, std::monostate{}).set_quality(v1::QUALITY_MISSING);
    JsonMembers errors;
    errors.add("vane", std::string_view(vane.error));
    reading.set_extra_json(errors.take());
  }
}

void add_wind(v1::Reading& reading, const PulseRules& rules, const PulseScale& scale,
              const PulseReport& report, const VaneWindow* vane) {
  const auto period_s = static_cast<std::uint32_t>(rules.window_ns / ns_per_s);
  const auto mean = speed(scale, report.in_window, rules.window_ns);
  const auto gust = std::max(mean, speed(scale, report.in_busiest, gust_span_ns));
  add_quantity(reading, {.name = "wind_speed", .stat = v1::STAT_MEAN, .period_s = period_s},
               rounded(mean, 1000));
  add_quantity(reading, {.name = "wind_speed_of_gust", .period_s = 3}, rounded(gust, 1000));
  if (vane != nullptr && mean > 0) add_direction(reading, *vane, period_s);
}

}  // namespace

v1::Reading pulse_reading(const std::string& sensor_id, const PulseRules& rules, const PulseScale& scale,
                          const PulseReport& report, const VaneWindow* vane) {
  v1::Reading reading;
  reading.set_sensor_id(to_utf8(sensor_id));
  reading.mutable_source()->set_adapter("pulse");
  switch (rules.kind) {
    case PulseKind::rain:
      add_quantity(reading, {.name = "thickness_of_rainfall_amount", .stat = v1::STAT_COUNTER},
                   round_significant(static_cast<double>(report.total) * scale.mm_per_tip, 12));
      break;
    case PulseKind::count:
      add_quantity(reading, {.name = "pulse_count", .stat = v1::STAT_COUNTER},
                   static_cast<std::int64_t>(report.total));
      break;
    case PulseKind::wind:
      add_wind(reading, rules, scale, report, vane);
      break;
  }
  return reading;
}

}  // namespace weather::sensors
