#include "sensors/sources/reconnect.hpp"

#include <algorithm>

namespace weather::sensors {

void ReconnectSchedule::connected(Clock::time_point now) {
  connected_ = true;
  since_ = now;
}

std::chrono::milliseconds ReconnectSchedule::failed(Clock::time_point now, double random) {
  if (connected_ && now - since_ >= limits_.stable) failures_ = 0;
  connected_ = false;
  auto step = limits_.first;
  for (unsigned i = 0; i < failures_ && step < limits_.longest; ++i) step *= 2;
  ++failures_;
  const auto whole = static_cast<double>(std::min(step, limits_.longest).count());
  return std::chrono::milliseconds{static_cast<std::int64_t>(whole * (0.5 + random / 2))};
}

}  // namespace weather::sensors
