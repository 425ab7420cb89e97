#include "bridge/options/local_minute.hpp"

#include <ctime>

#include "bridge/options/hold_windows.hpp"

namespace weather::bridge {

int local_minute_of_week(std::int64_t wall_ns) {
  const auto seconds = static_cast<std::time_t>(wall_ns / 1'000'000'000);
  std::tm local{};
  ::tzset();
  ::localtime_r(&seconds, &local);
  const int day = (local.tm_wday + 6) % 7;  // tm_wday counts from Sunday
  return day * HoldWindows::minutes_a_day + local.tm_hour * 60 + local.tm_min;
}

}  // namespace weather::bridge
