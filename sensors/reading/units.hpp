// Conversions between UCUM units (https://ucum.org/ucum). Pure; any thread.
#pragma once

#include <optional>
#include <string_view>

namespace weather::sensors {

// Converts between two units of the same kind; nothing if either is unknown or they measure different things.
// Rounding noise is taken off, so 71.78 [degF] is 22.1 Cel and not 22.099999999999998, and there and back
// again gives exactly the value one started from, for all an instrument can say (12 digits).
std::optional<double> convert(double value, std::string_view from, std::string_view to);

bool is_known_unit(std::string_view ucum);
bool are_convertible(std::string_view from, std::string_view to);

// The UCUM code for how people and firmware write units: "°C", "C", "F", "mph", "km/h", "kn", "inHg", "mb",
// "W/m²", "in/h" ... A UCUM code is returned as it is; empty if nobody knows it.
std::string_view ucum_from_spelling(std::string_view spelling);

}  // namespace weather::sensors
