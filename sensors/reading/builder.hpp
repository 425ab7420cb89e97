// Putting a Reading together, shared by all decoders and buses. Pure; any thread.
#pragma once

#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

#include "sensors/reading/json_text.hpp"
#include "sensors/reading/reading.pb.h"

namespace weather::sensors {

// What is known about a value beside the value.
struct Field {
  std::string_view name;       // canonical name or alias; an unknown name is kept
  std::string_view unit = {};  // UCUM unit the source uses; empty: already the canonical unit, or none
  std::string_view part = {};  // "", "indoor", "soil.1", "daily"
  std::string_view source_field = {};  // what the source calls it; kept when the unit is converted
  v1::Stat stat = v1::STAT_INSTANT;
  std::uint32_t period_s = 0;
};

// Appends a quantity. A number in another unit of the same kind is converted to the canonical one, with the
// digits that the measurement and the conversion have (convert_measured), and src_field, src_value and
// src_unit keep what came in.
//  - The name of a known quantity is for a number in one of its units. A text is taken for the number in it
//    (meaning_of_text, number_with_unit); what is none, and a unit of something else, gets a name of its own:
//    "rain_raw".
//  - A known quantity without a value, and a number that is not finite, is an explicit null marked
//    QUALITY_MISSING.
//  - Of an unknown quantity the unit is kept as it is. A text in a unit is taken for the number in it.
v1::Quantity& add_quantity(v1::Reading& reading, const Field& field, const Value& value);

void set_value(v1::Quantity& quantity, const Value& value);
Value value_of(const v1::Quantity& quantity);  // views into the quantity

// This quantity, if it is there already from another form of the same field; else null.
const v1::Quantity* find_taken(const v1::Reading& reading, std::string_view name, std::string_view part = {},
                               v1::Stat stat = v1::STAT_INSTANT);
// Does the other form of a quantity that is there say the same, but for its rounding? Then it may be left
// out; else it stays under its own name.
bool agrees(const v1::Quantity& taken, const Value& value, std::string_view unit);

// First quantity with this canonical name and part; null if there is none.
const v1::Quantity* find_quantity(const v1::Reading& reading, std::string_view name,
                                  std::string_view part = {});
// The value of a numeric quantity as a double; false if it is not a number.
bool numeric_value(const v1::Quantity& quantity, double& value);

// The event time as the source gave it; without one (0) the reading keeps "unknown", and ingest stamps it.
void set_event_time(v1::Reading& reading, std::int64_t unix_ns, v1::TimeSource source);

// What a topic's or path's last level is called: "sensor-001" for "weather/nairobi/sensor-001".
std::string_view last_level(std::string_view topic);

// A list of one; braces would copy it.
inline std::vector<v1::Reading> one_reading(v1::Reading reading) {
  std::vector<v1::Reading> readings;
  readings.push_back(std::move(reading));
  return readings;
}

}  // namespace weather::sensors
