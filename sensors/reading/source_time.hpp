// The times of a reading, and whether the one that its sensor gave is believable. Pure; any thread.
#pragma once

#include <cstdint>
#include <string_view>

#include "sensors/reading/reading.pb.h"

namespace weather::sensors {

// The members of a reading that have to do with time, in unix ns; 0 = unknown. See reading.proto.
struct ReadingTimes {
  std::int64_t event_ns = 0, received_ns = 0;
  std::int64_t sensor_said_ns = 0;  // source_time_ns: where it could not be believed
  std::int64_t boot_clock_ns = 0;   // CLOCK_BOOTTIME when received
  std::uint64_t boot_id = 0;
  v1::TimeSource source = v1::TIME_UNKNOWN;
  v1::ClockQuality clock_quality = v1::CLOCK_UNKNOWN;
  friend bool operator==(const ReadingTimes&, const ReadingTimes&) = default;
};

ReadingTimes times_of(const v1::Reading& reading);
void set_times(v1::Reading& reading, const ReadingTimes& times);

struct TimeLimits {
  std::int64_t future_ns = 300'000'000'000;           // further ahead of the gateway than this: replaced
  std::int64_t past_ns = 3'650 * 86'400'000'000'000;  // older than this: replaced; 0: any age is believed
};

// Replaces an event time outside the limits around the received one, which must be right, by the received
// one, and keeps what the sensor said. Tells what was wrong: "future", "past", or "" for nothing.
std::string_view replace_unbelievable_time(ReadingTimes& times, const TimeLimits& limits);

}  // namespace weather::sensors
