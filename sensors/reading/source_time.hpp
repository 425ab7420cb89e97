// Is a time that a sensor gave believable? Pure; any thread.
#pragma once

#include <cstdint>
#include <string_view>

#include "sensors/reading/reading.pb.h"

namespace weather::sensors {

struct TimeLimits {
  std::int64_t future_ns = 300'000'000'000;           // further ahead of the gateway than this: replaced
  std::int64_t past_ns = 3'650 * 86'400'000'000'000;  // older than this: replaced; 0: any age is believed
};

// Replaces an event time outside the limits around received_time_ns, which must be right, by
// received_time_ns, and keeps what the sensor said in source_time_ns. Tells what was wrong: "future", "past",
// or "" for nothing.
std::string_view replace_unbelievable_time(v1::Reading& reading, const TimeLimits& limits);

}  // namespace weather::sensors
