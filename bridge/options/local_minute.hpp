// The minute of the local week that HoldWindows asks for. Any thread; follows a time zone that changes.
#pragma once

#include <cstdint>

namespace weather::bridge {

int local_minute_of_week(std::int64_t wall_ns);  // from Monday 00:00

}  // namespace weather::bridge
