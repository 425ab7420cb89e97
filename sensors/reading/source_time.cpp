#include "sensors/reading/source_time.hpp"

namespace weather::sensors {

ReadingTimes times_of(const v1::Reading& reading) {
  return {static_cast<std::int64_t>(reading.event_time_ns()),
          static_cast<std::int64_t>(reading.received_time_ns()),
          static_cast<std::int64_t>(reading.source_time_ns()),
          static_cast<std::int64_t>(reading.boot_clock_ns()),
          reading.boot_id(),
          reading.time_source(),
          reading.clock_quality()};
}

void set_times(v1::Reading& reading, const ReadingTimes& times) {
  reading.set_event_time_ns(static_cast<std::uint64_t>(times.event_ns));
  reading.set_received_time_ns(static_cast<std::uint64_t>(times.received_ns));
  reading.set_source_time_ns(static_cast<std::uint64_t>(times.sensor_said_ns));
  reading.set_boot_clock_ns(static_cast<std::uint64_t>(times.boot_clock_ns));
  reading.set_boot_id(times.boot_id);
  reading.set_time_source(times.source);
  reading.set_clock_quality(times.clock_quality);
}

std::string_view replace_unbelievable_time(ReadingTimes& times, const TimeLimits& limits) {
  const std::int64_t ahead_ns = times.event_ns - times.received_ns;
  const bool future = ahead_ns > limits.future_ns;
  const bool past = limits.past_ns != 0 && -ahead_ns > limits.past_ns;
  if (times.event_ns == 0 || !(future || past)) return {};
  times.sensor_said_ns = times.event_ns;
  times.event_ns = times.received_ns;
  times.source = v1::TIME_GATEWAY;
  return future ? "future" : "past";
}

}  // namespace weather::sensors
