// How many nanoseconds a unit of time has.
#pragma once

#include <cstdint>

namespace weather::log {

inline constexpr std::int64_t ns_per_ms = 1'000'000, ns_per_s = 1'000'000'000;

}  // namespace weather::log
