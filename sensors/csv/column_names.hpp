// What a column's name says beside the words of mapping/names.hpp: a unit in brackets, and how Campbell
// Scientific's programs abbreviate. Pure; any thread.
#pragma once

#include <string>
#include <string_view>

namespace weather::sensors {

struct ColumnName {
  std::string name;
  std::string unit;  // as it is written; empty: the name says none
};

// "Wind Speed (m/s)", "Temperature [°C]": a unit somebody knows, behind the name.
ColumnName without_unit(std::string_view name);

// "AirTC_Avg" -> "air_temperature_Avg", "Rain_mm_Tot" -> "rain": the names that Short Cut gives (its help,
// "Sensors"), and the ending that says how a value was processed, where the quantity says it anyway. Others
// stay as they are.
std::string spelled_out(std::string_view campbell);

}  // namespace weather::sensors
