// The texts of reading.proto, without its comments, of reading.avsc and of value.schema.json: what a schema
// registry gets, which takes each change for a new version. Any thread.
#pragma once

#include <string_view>

namespace weather::sensors {

inline constexpr std::string_view reading_type_name = "weather.v1.Reading";
std::string_view reading_schema();
std::string_view reading_avro_schema();
std::string_view value_json_schema();

}  // namespace weather::sensors
