// Conversions between UCUM units (https://ucum.org/ucum). Pure; any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace weather::sensors {

// Converts between two units of the same kind; nothing if either is unknown or they measure different things.
// Rounding noise is taken off, so 71.78 [degF] is 22.1 Cel and not 22.099999999999998, and there and back
// again gives exactly the value one started from, for all an instrument can say (12 digits).
std::optional<double> convert(double value, std::string_view from, std::string_view to);

// The same for a measured value: with no more digits than the measurement and the conversion
// have. The last digit is at most twice as coarse as the last one of `value` (which counts as a tenth at
// least, in inHg and psi as a hundredth: a number has lost its zeros): 68 [degF] is 20 Cel, 70.9 [degF]
// is 21.6 and 29.92 [in_i'Hg] is 1013.2 hPa. A factor that is a short decimal itself (25.4, 10, 0.001) gives
// the exact product: 0.01 [in_i] is 0.254 mm.
std::optional<double> convert_measured(double value, std::string_view from, std::string_view to);

// The unit as the end of a member's name: "F", "mi_h", "inHg", "uS_cm"; empty for "1".
std::string unit_suffix(std::string_view ucum);

// As people write it: "°C", "µg/m³", "mph", "ppm"; empty for "1". A code that is not in the table stays.
std::string unit_symbol(std::string_view ucum);

bool is_known_unit(std::string_view ucum);
bool are_convertible(std::string_view from, std::string_view to);

// The UCUM code for how people and firmware write units: "°C", "C", "F", "mph", "km/h", "kn", "inHg", "mb",
// "W/m²", "W·m⁻²", "in/h" ... Letter case, blanks, degree signs, dots and superscripts do not matter. A UCUM
// code is returned as it is; empty if it is unknown.
std::string_view ucum_from_spelling(std::string_view spelling);

}  // namespace weather::sensors
