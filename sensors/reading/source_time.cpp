#include "sensors/reading/source_time.hpp"

namespace weather::sensors {

std::string_view replace_unbelievable_time(v1::Reading& reading, const TimeLimits& limits) {
  const auto received = static_cast<std::int64_t>(reading.received_time_ns());
  const auto event = static_cast<std::int64_t>(reading.event_time_ns());
  const bool future = event > received && event - received > limits.future_ns;
  const bool past = limits.past_ns != 0 && event < received && received - event > limits.past_ns;
  if (event == 0 || !(future || past)) return {};
  reading.set_source_time_ns(reading.event_time_ns());
  reading.set_event_time_ns(reading.received_time_ns());
  reading.set_time_source(v1::TIME_GATEWAY);
  return future ? "future" : "past";
}

}  // namespace weather::sensors
