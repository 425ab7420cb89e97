// The JSON form of a reading, as Kafka consumers see it. Pure; any thread.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "sensors/reading/reading.pb.h"

namespace weather::sensors {

struct ReadingView;

enum class UnitSystem : unsigned char {
  as_stored,  // the unit each quantity is stored in (the canonical one for every decoder of ours)
  metric,     // the canonical unit of each known quantity
  imperial,   // Fahrenheit, miles per hour, inches, inches of mercury
};

std::optional<UnitSystem> unit_system_from(std::string_view text);  // "metric" | "imperial"

struct RenderOptions {
  UnitSystem units = UnitSystem::as_stored;
  std::map<std::string, std::string, std::less<>>
      aliases;         // canonical name -> name, before the built-in ones
  bool status = true;  // what the sensor says about itself, and what is doubtful
};

// {"temperature":22.5,"humidity":60,"location":"Nairobi"}: the quantities in the order they came, under their
// aliases, then the location, then the status, then the members of extra_json.
//  - A sub-sensor or a statistic is a suffix: "temperature_indoor", "rain_daily", "wind_speed_max".
//  - A unit is a suffix, the last one, unless it is the canonical unit of a known quantity (or the one that
//    `units` asks for): "setpoint_F", "vpd_inHg".
//  - The status is there where there is something to say: battery_level (%), battery_voltage (V), battery_low
//    (true), signal_strength (dBm), and quality, an object: {"temperature":"doubtful"} ("erroneous",
//    "missing").
//  - A name stands once. A second member of the same name gets "_2", "_3" ...
std::string render_value_json(const v1::Reading& reading, const RenderOptions& options = {});
// Appends the same to `out`.
void append_value_json(std::string& out, const ReadingView& reading, const RenderOptions& options = {});

// {"temperature":"°C","humidity":"%"}: the units of those members, under the same names, as people write
// them. Members without a unit, or whose value is no number, are not there.
std::string render_units_json(const v1::Reading& reading, const RenderOptions& options = {});

// The member name of one quantity.
std::string member_name(const v1::Quantity& quantity, const RenderOptions& options = {});

}  // namespace weather::sensors
