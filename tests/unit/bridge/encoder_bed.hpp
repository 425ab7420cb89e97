// A reading as the log has it, and what a route makes of it.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "bridge/encode/encoder.hpp"
#include "sensors/reading/reading.pb.h"

namespace weather::bridge::encoder_bed {

inline constexpr std::string_view log_id = "0123456789abcdef0123456789abcdef";
inline constexpr std::int64_t event_ns = 1'758'349'800'000'000'000;  // 2025-09-20T06:30:00Z

inline v1::Reading sample() {
  v1::Reading reading;
  reading.set_sensor_id("sensor-001");
  reading.set_event_time_ns(event_ns);
  reading.set_received_time_ns(event_ns + 250'000'000);
  auto* temperature = reading.add_quantities();
  temperature->set_name("air_temperature");
  temperature->set_number(22.5);
  auto* humidity = reading.add_quantities();
  humidity->set_name("relative_humidity");
  humidity->set_number(60);
  reading.mutable_location()->set_name("Nairobi");
  return reading;
}

inline RouteOptions options() {
  RouteOptions route;
  route.topic = "topic_weather";
  route.headers = {{"source", "weather-station"}, {"unit", "metric"}};
  return route;
}

// An entry with the bytes it points to.
struct Stored {
  std::string bytes;
  log::Entry entry;
};
inline Stored stored(const v1::Reading& reading, log::Sequence sequence = 7) {
  Stored result{reading.SerializeAsString(), {}};
  result.entry = {sequence, event_ns + 300'000'000, log::Type::reading,
                  std::as_bytes(std::span(result.bytes))};
  return result;
}

inline std::vector<std::string> headers(const Encoded& encoded) {
  std::vector<std::string> result;
  for (const auto& header : encoded.record.headers)
    result.push_back(std::string(header.name) + "=" + std::string(header.value));
  return result;
}

inline Sending at(std::int64_t seconds_after_event) {
  return {event_ns + seconds_after_event * 1'000'000'000};
}

inline Encoded encode(Encoder& encoder, const Stored& record, Sending sending = at(1)) {
  return encoder.encode({record.entry.sequence, record.entry.time_ns, record.entry.type,
                         std::as_bytes(std::span(record.bytes))},
                        sending);
}

}  // namespace weather::bridge::encoder_bed
