#include "gateway/status/reading_members.hpp"

#include <string_view>

#include "sensors/reading/render.hpp"
#include "sensors/reading/time.hpp"

namespace weather::gateway {

void add_reading(sensors::JsonMembers& members, const v1::Reading& reading) {
  members.add("key", std::string_view(reading.sensor_id()));
  members.add("time",
              std::string_view(sensors::format_time(static_cast<std::int64_t>(reading.event_time_ns()))));
  members.add("source", std::string_view(reading.arrival().source()));
  members.add("topic", std::string_view(reading.arrival().topic()));
  if (reading.error().empty()) {
    members.add_json("value", sensors::render_value_json(reading));
    if (const auto units = sensors::render_units_json(reading); units.size() > 2)
      members.add_json("units", units);
  } else {
    members.add("error", std::string_view(reading.error()));
    members.add("raw", std::string_view(reading.raw()));
  }
}

}  // namespace weather::gateway
