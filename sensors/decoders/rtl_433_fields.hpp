// What the fields of an rtl_433 event are, by name and by the kind of device. Pure; any thread.
#pragma once

#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

#include "sensors/reading/reading.pb.h"

namespace weather::sensors {

// "temperature_2_F" is {"temperature", "2", "[degF]"}. Without a known unit suffix, unit is empty.
struct Rtl433Field {
  std::string_view type, part, unit;
};
Rtl433Field parse_rtl_433_field(std::string_view name);

struct Rtl433Type {
  std::string_view type, name;
  v1::Stat stat = v1::STAT_INSTANT;
  std::string_view unit = {};  // of a field without suffix; "-" where a bare number is meant so
};
// Null: unknown.
const Rtl433Type* find_rtl_433_type(std::string_view type);

// Whose temperature and pressure an event tells of: a station's are the air's.
enum class Rtl433Kind : std::uint8_t { station, tyre, food, pool, tank, soil, globe };
Rtl433Kind rtl_433_kind(std::string_view model);
std::string_view rtl_433_temperature(Rtl433Kind kind);

// The canonical names it knows, for the table of docs/sensors.md, each with the unit of a field without
// suffix ("": such a field is no quantity, or has no unit).
std::vector<std::pair<std::string_view, std::string_view>> rtl_433_quantities();

}  // namespace weather::sensors
