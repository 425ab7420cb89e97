#include "sensors/reading/units.hpp"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <cstddef>
#include <string>

#include "sensors/reading/number.hpp"

namespace weather::sensors {
namespace {

enum class Kind : unsigned char {
  temperature,
  speed,
  length,
  rate,
  pressure,
  ratio,
  angle,
  irradiance,
  illuminance,
  voltage,
  current,
  power,
  energy,
  time,
  mass_concentration,
  frequency,
  conductivity,
  volume,
};

// value in the base unit = (value + shift) * numerator / denominator: exact integers where the definition
// has them.
struct Unit {
  std::string_view code;
  Kind kind;
  double numerator = 1, denominator = 1, shift = 0;
};

constexpr Unit units[] = {
    {"Cel", Kind::temperature},
    {"[degF]", Kind::temperature, 5, 9, -32},
    {"K", Kind::temperature, 1, 1, -273.15},
    {"m/s", Kind::speed},
    {"km/h", Kind::speed, 10, 36},
    {"[mi_i]/h", Kind::speed, 1609.344, 3600},
    {"[kn_i]", Kind::speed, 1852, 3600},
    {"[ft_i]/s", Kind::speed, 0.3048, 1},
    {"mm", Kind::length},
    {"cm", Kind::length, 10, 1},
    {"m", Kind::length, 1000, 1},
    {"km", Kind::length, 1'000'000, 1},
    {"[in_i]", Kind::length, 25.4, 1},
    {"[ft_i]", Kind::length, 304.8, 1},
    {"[mi_i]", Kind::length, 1'609'344, 1},
    {"[nmi_i]", Kind::length, 1'852'000, 1},
    {"mm/h", Kind::rate},
    {"[in_i]/h", Kind::rate, 25.4, 1},
    {"mm/min", Kind::rate, 60, 1},
    {"hPa", Kind::pressure},
    {"Pa", Kind::pressure, 1, 100},
    {"kPa", Kind::pressure, 10, 1},
    {"mbar", Kind::pressure},
    {"bar", Kind::pressure, 1000, 1},
    {"[psi]", Kind::pressure, 68.9475729316836, 1},
    {"[in_i'Hg]", Kind::pressure, 33.86389, 1},
    {"mm[Hg]", Kind::pressure, 1.33322387415, 1},
    {"%", Kind::ratio},
    {"1", Kind::ratio, 100, 1},
    {"[ppm]", Kind::ratio, 1, 10'000},
    {"[ppb]", Kind::ratio, 1, 10'000'000},
    {"deg", Kind::angle},
    {"rad", Kind::angle, 57.29577951308232, 1},
    {"W/m2", Kind::irradiance},
    {"lx", Kind::illuminance},
    {"klx", Kind::illuminance, 1000, 1},
    {"V", Kind::voltage},
    {"mV", Kind::voltage, 1, 1000},
    {"A", Kind::current},
    {"mA", Kind::current, 1, 1000},
    {"W", Kind::power},
    {"kW", Kind::power, 1000, 1},
    {"kW.h", Kind::energy},
    {"W.h", Kind::energy, 1, 1000},
    {"s", Kind::time},
    {"ms", Kind::time, 1, 1000},
    {"min", Kind::time, 60, 1},
    {"h", Kind::time, 3600, 1},
    {"d", Kind::time, 86'400, 1},
    {"ug/m3", Kind::mass_concentration},
    {"mg/m3", Kind::mass_concentration, 1000, 1},
    {"Hz", Kind::frequency},
    {"kHz", Kind::frequency, 1000, 1},
    {"MHz", Kind::frequency, 1'000'000, 1},
    {"uS/cm", Kind::conductivity},
    {"mS/cm", Kind::conductivity, 1000, 1},
    {"L", Kind::volume},
    {"m3", Kind::volume, 1000, 1},
};

struct Spelling {
  std::string_view spelling;  // lower case, blanks and degree signs removed
  std::string_view code;
};

constexpr Spelling spellings[] = {
    {"c", "Cel"},
    {"celsius", "Cel"},
    {"degc", "Cel"},
    {"f", "[degF]"},
    {"fahrenheit", "[degF]"},
    {"degf", "[degF]"},
    {"k", "K"},
    {"kelvin", "K"},
    {"mps", "m/s"},
    {"ms-1", "m/s"},
    {"kmh", "km/h"},
    {"kph", "km/h"},
    {"km_h", "km/h"},
    {"mph", "[mi_i]/h"},
    {"mi/h", "[mi_i]/h"},
    {"mi_h", "[mi_i]/h"},
    {"kn", "[kn_i]"},
    {"kt", "[kn_i]"},
    {"kts", "[kn_i]"},
    {"knot", "[kn_i]"},
    {"knots", "[kn_i]"},
    {"m_s", "m/s"},
    {"ft/s", "[ft_i]/s"},
    {"in", "[in_i]"},
    {"inch", "[in_i]"},
    {"inches", "[in_i]"},
    {"\"", "[in_i]"},
    {"ft", "[ft_i]"},
    {"mi", "[mi_i]"},
    {"miles", "[mi_i]"},
    {"mm/hr", "mm/h"},
    {"mm_h", "mm/h"},
    {"in/h", "[in_i]/h"},
    {"in/hr", "[in_i]/h"},
    {"in_h", "[in_i]/h"},
    {"mb", "mbar"},
    {"millibar", "mbar"},
    {"psi", "[psi]"},
    {"inhg", "[in_i'Hg]"},
    {"mmhg", "mm[Hg]"},
    {"%rh", "%"},
    {"percent", "%"},
    {"ppm", "[ppm]"},
    {"ppb", "[ppb]"},
    {"\u00b5g/m3", "ug/m3"},
    {"\u03bcg/m3", "ug/m3"},
    {"ug_m3", "ug/m3"},
    {"w/m\u00b2", "W/m2"},
    {"w_m2", "W/m2"},
    {"wm2", "W/m2"},
    {"lux", "lx"},
    {"degrees", "deg"},
    {"degree", "deg"},
    {"volt", "V"},
    {"volts", "V"},
    {"sec", "s"},
    {"seconds", "s"},
    {"minutes", "min"},
    {"hours", "h"},
    {"kwh", "kW.h"},
    {"wh", "W.h"},
    {"\u00b5s/cm", "uS/cm"},
    {"l", "L"},
    {"m\u00b3", "m3"},
    {"\u00b5g/m\u00b3", "ug/m3"},
    {"\u03bcg/m\u00b3", "ug/m3"},
    {"ug/m\u00b3", "ug/m3"},
};

const Unit* find_unit(std::string_view code) {
  const auto* const found = std::find_if(std::begin(units), std::end(units),
                                         [code](const Unit& unit) { return unit.code == code; });
  return found == std::end(units) ? nullptr : found;
}

// What is within rounding noise of a number of 12 digits is that number; anything else is kept. The noise of
// a temperature near zero is that of the offset it was shifted by.
double tidy(double value, double offset) {
  const double brief = round_significant(value, 12);
  return std::abs(brief - value) <= 1e-14 * (std::abs(value) + std::abs(offset)) ? brief : value;
}

// "° C" and "°C" are "c"; a lone degree sign is an angle.
std::string normalised(std::string_view spelling) {
  std::string out;
  for (std::size_t i = 0; i < spelling.size(); ++i) {
    if (spelling[i] == ' ') continue;
    if (spelling.substr(i).starts_with("\u00b0")) {
      ++i;
      continue;
    }
    out += static_cast<char>(std::tolower(static_cast<unsigned char>(spelling[i])));
  }
  return out.empty() && !spelling.empty() ? "deg" : out;
}

}  // namespace

std::optional<double> convert(double value, std::string_view from, std::string_view to) {
  if (from == to) return value;
  const Unit* const source = find_unit(from);
  const Unit* const target = find_unit(to);
  if (source == nullptr || target == nullptr || source->kind != target->kind) return std::nullopt;
  const double numerator = source->numerator * target->denominator;
  const double denominator = source->denominator * target->numerator;
  return tidy((value + source->shift) * numerator / denominator - target->shift,
              source->shift - target->shift);
}

bool is_known_unit(std::string_view ucum) {
  return find_unit(ucum) != nullptr;
}

bool are_convertible(std::string_view from, std::string_view to) {
  const Unit* const source = find_unit(from);
  const Unit* const target = find_unit(to);
  return from == to || (source != nullptr && target != nullptr && source->kind == target->kind);
}

std::string_view ucum_from_spelling(std::string_view spelling) {
  if (const Unit* const unit = find_unit(spelling)) return unit->code;
  const std::string wanted = normalised(spelling);
  for (const auto& [text, code] : spellings) {
    if (text == wanted) return code;
  }
  const auto* const found = std::find_if(std::begin(units), std::end(units),
                                         [&](const Unit& unit) { return normalised(unit.code) == wanted; });
  return found == std::end(units) ? std::string_view{} : found->code;
}

}  // namespace weather::sensors
