// Readings for the tests of thinning, in a line each: said("roof", at, {{"air_temperature", 20}}).
#pragma once

#include <initializer_list>
#include <string>
#include <utility>

#include "sensors/reading/reading.pb.h"

namespace weather::bridge {

constexpr std::int64_t ns = 1'000'000'000;

struct Says {
  std::string name;
  double number = 0;
  v1::Stat stat = v1::STAT_INSTANT;
  v1::Quality quality = v1::QUALITY_UNCHECKED;
};

inline v1::Reading said(const std::string& sensor, std::int64_t at_s, std::initializer_list<Says> values) {
  v1::Reading reading;
  reading.set_sensor_id(sensor);
  reading.set_event_time_ns(static_cast<std::uint64_t>(at_s * ns));
  reading.set_received_time_ns(static_cast<std::uint64_t>(at_s * ns));
  for (const auto& value : values) {
    auto& quantity = *reading.add_quantities();
    quantity.set_name(value.name);
    quantity.set_number(value.number);
    quantity.set_stat(value.stat);
    quantity.set_quality(value.quality);
  }
  return reading;
}

}  // namespace weather::bridge
