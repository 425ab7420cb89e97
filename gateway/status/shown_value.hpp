// What a sensor said as people read it: names without underscores, rounded numbers, units. Pure.
//
// Decimals by unit: 2 for V, in and inHg; 0 for %, °, lx, W/m², ppm and ppb; 1 for whatever else has a unit
// that the gateway knows. Without one, and with an unknown unit: four significant digits, whole numbers
// as they are. Not zero stays not zero: what rounding would make 0 has two significant digits.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/fwd.hpp>

#include "gateway/status/status.hpp"

namespace weather::gateway {

struct ShownValue {
  std::string name;  // "temperature indoor"
  std::string text;  // "21.6 °C", "Nairobi"
};

// `unit` as people write it: "°C".
std::string shown_number(double value, std::string_view unit);

// The members of a value in their order, with the units that stand under the same names; an object within it
// stays JSON.
std::vector<ShownValue> shown_values(const boost::json::value& value, const boost::json::value* units);
// The members of its last value in their order; an object within it stays JSON. None if it is unreadable.
std::vector<ShownValue> shown_values(const SensorStatus& sensor);

// "; battery low (15 %); signal -91 dBm", what of it is known.
std::string battery_and_signal(const SensorStatus& sensor);

// "temperature 21.6 °C, humidity 60 % and 3 more; battery low (15 %); signal -91 dBm", or what is wrong with
// it.
std::string value_line(const SensorStatus& sensor, std::size_t most_values);

}  // namespace weather::gateway
