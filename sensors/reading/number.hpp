// Numbers as text: the shortest that reads back as the same value. Pure; any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace weather::sensors {

// "22.5", "60", "1e+22"; a number JSON has no word for (NaN, infinity) becomes "null".
void append_number(std::string& out, double value);
void append_number(std::string& out, std::int64_t value);
std::string format_number(double value);

// A plain decimal number, the whole text, spaces around it allowed: no hexadecimal, no "nan", no "inf".
// Without fraction and exponent, and within 64 bits, it is an integer and stays one.
std::optional<std::variant<std::int64_t, double>> parse_number(std::string_view text);
std::optional<double> parse_double(std::string_view text);

// The nearest double with this many significant decimal digits, so that a conversion gives 22.1 and not
// 22.099999999999998.
double round_significant(double value, int digits);

}  // namespace weather::sensors
