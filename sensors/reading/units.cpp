#include "sensors/reading/units.hpp"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <cstddef>
#include <cstdlib>
#include <iterator>
#include <string>
#include <utility>

#include "sensors/reading/number.hpp"
#include "sensors/reading/unit_codes.hpp"

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
  density,
  energy_per_area,
  level,
  dose_rate,
  charge,
  photons,
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
    {"cm/s", Kind::speed, 1, 100},
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
    {"cm/h", Kind::rate, 10, 1},
    {"mm/min", Kind::rate, 60, 1},
    {"mm/d", Kind::rate, 1, 24},
    {"hPa", Kind::pressure},
    {"Pa", Kind::pressure, 1, 100},
    {"kPa", Kind::pressure, 10, 1},
    {"mbar", Kind::pressure},
    {"bar", Kind::pressure, 1000, 1},
    {"[psi]", Kind::pressure, 68.9475729316836, 1},
    {"[in_i'Hg]", Kind::pressure, 33.86389, 1},
    {"mm[Hg]", Kind::pressure, 1.33322387415, 1},
    {"atm", Kind::pressure, 1013.25, 1},
    {"MPa", Kind::pressure, 10'000, 1},
    {"%", Kind::ratio},
    {"1", Kind::ratio, 100, 1},
    {"[ppm]", Kind::ratio, 1, 10'000},
    {"[ppb]", Kind::ratio, 1, 10'000'000},
    {"deg", Kind::angle},
    {"rad", Kind::angle, 57.29577951308232, 1},
    {"W/m2", Kind::irradiance},
    {"kW/m2", Kind::irradiance, 1000, 1},
    {"mW/m2", Kind::irradiance, 1, 1000},
    {"mW/cm2", Kind::irradiance, 10, 1},
    {"uW/cm2", Kind::irradiance, 1, 100},
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
    {"g/m3", Kind::density},
    {"kg/m3", Kind::density, 1000, 1},
    {"Hz", Kind::frequency},
    {"kHz", Kind::frequency, 1000, 1},
    {"MHz", Kind::frequency, 1'000'000, 1},
    {"uS/cm", Kind::conductivity},
    {"uS/m", Kind::conductivity, 1, 100},
    {"dS/m", Kind::conductivity, 1000, 1},
    {"S/m", Kind::conductivity, 10'000, 1},
    {"mS/cm", Kind::conductivity, 1000, 1},
    {"L", Kind::volume},
    {"m3", Kind::volume, 1000, 1},
    {"J/m2", Kind::energy_per_area},
    {"MJ/m2", Kind::energy_per_area, 1'000'000, 1},
    {"dB", Kind::level},
    {"dB[A]", Kind::level},
    {"dB[mW]", Kind::level},
    {"nSv/h", Kind::dose_rate},
    {"uSv/h", Kind::dose_rate, 1000, 1},
    {"mA.h", Kind::charge},
    {"umol/m2/s", Kind::photons},
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

// How many decimals a number is written with.
int decimals_of(double value) {
  const std::string text = format_number(std::abs(value));
  const auto exponent = text.find('e');
  const auto dot = text.find('.');
  int decimals = 0;
  if (dot != std::string::npos) decimals = static_cast<int>(std::min(exponent, text.size()) - dot) - 1;
  if (exponent != std::string::npos) decimals -= std::atoi(text.c_str() + exponent + 1);
  return decimals;
}

// How many decimals instruments give at least in a unit: 29.90 comes as 29.9 where a number is no text.
int usual_decimals(std::string_view unit) {
  return unit == "[in_i'Hg]" || unit == "[psi]" ? 2 : 1;
}

// 25.4, 10, 0.001: a product with it has few more digits than the number had, and all of them are right.
bool is_short_decimal(double factor) {
  const double scaled = factor * 10'000;
  return std::abs(scaled - std::round(scaled)) < 1e-9 * std::abs(scaled);
}

double round_to_decimals(double value, int decimals) {
  if (decimals > 15 || decimals < -15) return value;
  // Through the shortest text: 10 to a power times the value has noise of its own.
  const double magnitude = std::abs(value);
  const int digits =
      (magnitude == 0 ? 0 : static_cast<int>(std::floor(std::log10(magnitude))) + 1) + decimals;
  if (digits >= 16) return value;
  if (digits >= 1) return round_significant(value, digits);
  const double unit = std::pow(10, -decimals);
  return magnitude * 2 < unit ? 0 : std::copysign(unit, value);
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

std::optional<double> convert_measured(double value, std::string_view from, std::string_view to) {
  const auto exact = convert(value, from, to);
  const Unit* const source = find_unit(from);
  const Unit* const target = find_unit(to);
  if (!exact || from == to || source == nullptr || target == nullptr) return exact;
  const double factor = source->numerator * target->denominator / (source->denominator * target->numerator);
  if (is_short_decimal(factor)) return round_significant(*exact, 12);
  const double last_digit = std::pow(10, -std::max(decimals_of(value), usual_decimals(from))) * factor;
  return round_to_decimals(*exact, static_cast<int>(std::ceil(-std::log10(2 * last_digit))));
}

std::string unit_suffix(std::string_view ucum) {
  constexpr std::pair<std::string_view, std::string_view> named[] = {
      {"Cel", "C"},     {"[degF]", "F"},       {"[mi_i]/h", "mi_h"}, {"[kn_i]", "kn"},   {"[ft_i]/s", "ft_s"},
      {"[in_i]", "in"}, {"[ft_i]", "ft"},      {"[mi_i]", "mi"},     {"[nmi_i]", "nmi"}, {"[in_i]/h", "in_h"},
      {"[psi]", "PSI"}, {"[in_i'Hg]", "inHg"}, {"mm[Hg]", "mmHg"},   {"%", "pct"},       {"1", ""},
      {"[ppm]", "ppm"}, {"[ppb]", "ppb"},      {"lx", "lux"},        {"klx", "klux"},    {"kW.h", "kWh"},
      {"W.h", "Wh"},    {"mA.h", "mAh"},       {"dB[A]", "dBA"},     {"dB[mW]", "dBm"}};
  for (const auto& [code, suffix] : named)
    if (code == ucum) return std::string(suffix);
  std::string out;
  for (const char c : ucum) {
    const bool plain =
        std::isalnum(static_cast<unsigned char>(c)) != 0 || static_cast<unsigned char>(c) >= 0x80;
    if (plain)
      out += c;
    else if (!out.empty() && out.back() != '_')
      out += '_';
  }
  while (out.ends_with('_')) out.pop_back();
  return out;
}

std::string unit_symbol(std::string_view ucum) {
  constexpr std::pair<std::string_view, std::string_view> named[] = {
      {"Cel", "°C"},    {"[degF]", "°F"}, {"deg", "°"},          {"[mi_i]/h", "mph"}, {"[kn_i]", "kn"},
      {"[in_i]", "in"}, {"[ft_i]", "ft"}, {"[ft_i]/s", "ft/s"},  {"[mi_i]", "mi"},    {"[nmi_i]", "nmi"},
      {"[psi]", "psi"}, {"[ppm]", "ppm"}, {"[in_i'Hg]", "inHg"}, {"mm[Hg]", "mmHg"},  {"[in_i]/h", "in/h"},
      {"dB[A]", "dBA"}, {"[ppb]", "ppb"}, {"dB[mW]", "dBm"},     {"kW.h", "kWh"},     {"W.h", "Wh"},
      {"mA.h", "mAh"},  {"1", ""}};
  for (const auto& [code, symbol] : named)
    if (code == ucum) return std::string(symbol);
  if (!is_known_unit(ucum)) return std::string(ucum);
  std::string out;
  for (const char c : ucum) out += c == '2' ? "²" : c == '3' ? "³" : std::string(1, c);
  if (out.size() > 1 && out.front() == 'u') out.replace(0, 1, "µ");
  return out;
}

bool is_known_unit(std::string_view ucum) {
  return find_unit(ucum) != nullptr;
}

bool are_convertible(std::string_view from, std::string_view to) {
  const Unit* const source = find_unit(from);
  const Unit* const target = find_unit(to);
  return from == to || (source != nullptr && target != nullptr && source->kind == target->kind);
}

std::string_view ucum_from_code(std::string_view code, std::string (*normalised)(std::string_view)) {
  if (normalised == nullptr) {
    const Unit* const unit = find_unit(code);
    return unit == nullptr ? std::string_view{} : unit->code;
  }
  const auto* const found = std::find_if(std::begin(units), std::end(units),
                                         [&](const Unit& unit) { return normalised(unit.code) == code; });
  return found == std::end(units) ? std::string_view{} : found->code;
}

}  // namespace weather::sensors
