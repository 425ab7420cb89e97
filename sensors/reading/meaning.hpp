// What a scalar says once the habits of sensors are undone: the one rule for values of all decoders. Pure;
// any thread.
#pragma once

#include <optional>
#include <string_view>

#include "sensors/reading/json_text.hpp"

namespace weather::sensors {

// Without what programs leave around a text: a byte order mark, white space, NUL.
std::string_view trimmed(std::string_view text);

// A text where a number is expected: "12.3", " 60 " and "+5" are numbers; "", nan, inf, null, unavailable,
// unknown, none, n/a, "--" and offline are monostate, whatever their letter case; anything else is the text,
// trimmed. A whole number beyond 64 bits stays text: no number type of ours has all its digits. A comma is no
// decimal point.
Value meaning_of_text(std::string_view text);

// "21.4°C", "1013 hPa": a number and a known unit.
struct NumberWithUnit {
  double number = 0;
  std::string_view unit;  // UCUM, of the table of units.hpp
};
std::optional<NumberWithUnit> number_with_unit(std::string_view text);
// In the place of such a text its number is put; returns the unit. Empty: the value is as it was.
std::string_view take_said_unit(Value& value);

// The same of a scalar: a text as above, a number that is not finite is monostate, all else as it is.
Value meaning_of(const Value& value);

// Is there a number in it?
bool is_number(const Value& value);
// The number that it is; nothing: it is none. A text is none: see meaning_of.
std::optional<double> number_of(const Value& value);

// A number that programs send for "no sensor" and that no sensor of this quantity measures: -9999 always,
// 65535 and others where they lie outside of what the quantity can be (see quality/limits).
inline constexpr double no_sensor = -9999;

// A float that went through a double ("22.200000762939453"), and what is left of sums ("35.300000000000004"),
// with the digits that were meant.
double without_float_noise(double value);

}  // namespace weather::sensors
