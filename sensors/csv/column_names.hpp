// What a column's name says beside the words of mapping/names.hpp: a unit in brackets, and how Campbell
// Scientific's programs abbreviate. Pure; any thread.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace weather::sensors {

struct ColumnName {
  std::string name;
  std::string unit;  // as it is written; empty: the name says none
};

// "Wind Speed (m/s)", "Temperature [°C]": a known unit, behind the name.
ColumnName without_unit(std::string_view name);

// "AirTC_Avg" -> "air_temperature_Avg", "WS_ms_S_WVT" -> "wind_speed_Avg", "Rain_mm_Tot" -> "rain": the names
// that Short Cut gives (its help, "Sensors"), and the ending that says how a value was processed, where the
// quantity says it anyway. Others stay as they are.
std::string spelled_out(std::string_view campbell);

// The column at this place, with its unit in UCUM: the one that the table says beside the name, if it does,
// else that in the name; empty if it is unknown. A column without a name is called by its place.
ColumnName meant_by(std::string_view name, std::size_t place, std::optional<std::string_view> unit);

}  // namespace weather::sensors
