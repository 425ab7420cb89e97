// The text of reading.proto, without its comments: what a schema registry is told. Any thread.
#pragma once

#include <string_view>

namespace weather::sensors {

inline constexpr std::string_view reading_type_name = "weather.v1.Reading";
std::string_view reading_schema();

}  // namespace weather::sensors
