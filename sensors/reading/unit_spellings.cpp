#include <algorithm>
#include <cctype>
#include <iterator>
#include <string>

#include "sensors/reading/unit_codes.hpp"
#include "sensors/reading/units.hpp"

namespace weather::sensors {
namespace {

struct Spelling {
  const char* spelling;  // as normalised() makes it
  const char* code;
};

constexpr Spelling spellings[] = {
    {"c", "Cel"},
    {"celsius", "Cel"},
    {"centigrade", "Cel"},
    {"degc", "Cel"},
    {"degreec", "Cel"},
    {"degreecelsius", "Cel"},
    {"degree_c", "Cel"},
    {"degree_f", "[degF]"},
    {"meter_per_second", "m/s"},
    {"m3m-3", "1"},
    {"m3/m3", "1"},
    {"degreescelsius", "Cel"},
    {"degcelsius", "Cel"},
    {"f", "[degF]"},
    {"fahrenheit", "[degF]"},
    {"degf", "[degF]"},
    {"degreef", "[degF]"},
    {"degreefahrenheit", "[degF]"},
    {"degreesfahrenheit", "[degF]"},
    {"k", "K"},
    {"kelvin", "K"},
    {"mps", "m/s"},
    {"ms-1", "m/s"},
    {"m_s", "m/s"},
    {"m/sec", "m/s"},
    {"meterpersecond", "m/s"},
    {"meter/second", "m/s"},
    {"meters/second", "m/s"},  // as Short Cut writes it, and the miles too
    {"kmh", "km/h"},
    {"kmh-1", "km/h"},
    {"kph", "km/h"},
    {"kmph", "km/h"},
    {"km/hr", "km/h"},
    {"km_h", "km/h"},
    {"km_per_hour", "km/h"},
    {"mph", "[mi_i]/h"},
    {"mi/h", "[mi_i]/h"},
    {"mih-1", "[mi_i]/h"},
    {"mile/h", "[mi_i]/h"},
    {"mile/hour", "[mi_i]/h"},
    {"miles/hour", "[mi_i]/h"},
    {"miles/h", "[mi_i]/h"},
    {"mile_per_hour", "[mi_i]/h"},
    {"mi_h", "[mi_i]/h"},
    {"kn", "[kn_i]"},
    {"kt", "[kn_i]"},
    {"kts", "[kn_i]"},
    {"knot", "[kn_i]"},
    {"knots", "[kn_i]"},
    {"nmi/h", "[kn_i]"},
    {"ft/s", "[ft_i]/s"},
    {"fps", "[ft_i]/s"},
    {"in", "[in_i]"},
    {"inch", "[in_i]"},
    {"inches", "[in_i]"},
    {"\"", "[in_i]"},
    {"\u2033", "[in_i]"},
    {"ft", "[ft_i]"},
    {"foot", "[ft_i]"},
    {"feet", "[ft_i]"},
    {"mi", "[mi_i]"},
    {"mile", "[mi_i]"},
    {"miles", "[mi_i]"},
    {"nmi", "[nmi_i]"},
    {"millimeter", "mm"},
    {"millimeters", "mm"},
    {"millimetre", "mm"},
    {"centimeter", "cm"},
    {"meter", "m"},
    {"meters", "m"},
    {"metre", "m"},
    {"kilometer", "km"},
    {"kilometers", "km"},
    {"l/m2", "mm"},
    {"lm-2", "mm"},
    {"mm/hr", "mm/h"},
    {"mm/hour", "mm/h"},
    {"mmh-1", "mm/h"},
    {"mmh", "mm/h"},
    {"mmph", "mm/h"},
    {"mm_h", "mm/h"},
    {"mm_per_hour", "mm/h"},
    {"l/m2/h", "mm/h"},
    {"l/(m2h)", "mm/h"},
    {"in/h", "[in_i]/h"},
    {"in/hr", "[in_i]/h"},
    {"inh-1", "[in_i]/h"},
    {"inph", "[in_i]/h"},
    {"iph", "[in_i]/h"},
    {"inch/h", "[in_i]/h"},
    {"inch/hr", "[in_i]/h"},
    {"in_h", "[in_i]/h"},
    {"inch_per_hour", "[in_i]/h"},
    {"cm/hr", "cm/h"},
    {"cm_per_hour", "cm/h"},
    {"mm/day", "mm/d"},
    {"mb", "mbar"},
    {"mbars", "mbar"},
    {"millibar", "mbar"},
    {"millibars", "mbar"},
    {"hectopascal", "hPa"},
    {"hectopascals", "hPa"},
    {"pascal", "Pa"},
    {"kilopascal", "kPa"},
    {"psi", "[psi]"},
    {"psig", "[psi]"},
    {"lb/in2", "[psi]"},
    {"inhg", "[in_i'Hg]"},
    {"\"hg", "[in_i'Hg]"},
    {"hg", "[in_i'Hg]"},
    {"in[hg]", "[in_i'Hg]"},
    {"inchhg", "[in_i'Hg]"},
    {"mmhg", "mm[Hg]"},
    {"torr", "mm[Hg]"},
    {"%rh", "%"},
    {"rh", "%"},
    {"rh%", "%"},
    {"percent", "%"},
    {"pct", "%"},
    {"%vwc", "%"},
    {"ppm", "[ppm]"},
    {"ppb", "[ppb]"},
    {"ug_m3", "ug/m3"},
    {"ugm-3", "ug/m3"},
    {"ugm3", "ug/m3"},
    {"microgram_per_meter_cubed", "ug/m3"},
    {"mg_m3", "mg/m3"},
    {"mgm-3", "mg/m3"},
    {"gm-3", "g/m3"},
    {"gram_per_meter_cubed", "g/m3"},
    {"w_m2", "W/m2"},
    {"wm2", "W/m2"},
    {"wm-2", "W/m2"},
    {"w/sqm", "W/m2"},
    {"watt/m2", "W/m2"},
    {"watts/m2", "W/m2"},
    {"watt_per_meter_squared", "W/m2"},
    {"kwm-2", "kW/m2"},
    {"jm-2", "J/m2"},
    {"mjm-2", "MJ/m2"},
    {"lux", "lx"},
    {"klux", "klx"},
    {"kilolux", "klx"},
    {"degrees", "deg"},
    {"degree", "deg"},
    {"degree_compass", "deg"},
    {"degt", "deg"},
    {"arcdeg", "deg"},
    {"radian", "rad"},
    {"volt", "V"},
    {"volts", "V"},
    {"millivolt", "mV"},
    {"amp", "A"},
    {"ampere", "A"},
    {"watt", "W"},
    {"watts", "W"},
    {"sec", "s"},
    {"second", "s"},
    {"seconds", "s"},
    {"minute", "min"},
    {"minutes", "min"},
    {"hour", "h"},
    {"hours", "h"},
    {"day", "d"},
    {"days", "d"},
    {"kwh", "kW.h"},
    {"wh", "W.h"},
    {"mah", "mA.h"},
    {"us/cm", "uS/cm"},
    {"uscm-1", "uS/cm"},
    {"ms/cm", "mS/cm"},
    {"mscm-1", "mS/cm"},
    {"us_cm", "uS/cm"},
    {"ms_cm", "mS/cm"},
    {"us/m", "uS/m"},
    {"dsm-1", "dS/m"},
    {"l", "L"},
    {"liter", "L"},
    {"liters", "L"},
    {"litre", "L"},
    {"usv/h", "uSv/h"},
    {"nsv/h", "nSv/h"},
    {"dba", "dB[A]"},
    {"dbm", "dB[mW]"},
    {"umol/s/m2", "umol/m2/s"},
    {"umolm-2s-1", "umol/m2/s"},
    {"umol/(m2s)", "umol/m2/s"},
};

struct Sign {
  std::string_view utf8, ascii;
};
// Characters that mean another, or nothing. The plain ones are removed, so that "W m^-2",
// "W\u00b7m\u207b\u00b2" and "W.m-2" are one.
constexpr Sign signs[] = {
    {"\u2103", "c"}, {"\u2109", "f"},                  // one character for degree and letter
    {"\u00b0", ""},  {"\u00ba", ""},  {"\u02da", ""},  // degree, ordinal, ring
    {"\u00b5", "u"}, {"\u03bc", "u"},                  // micro, mu
    {"\u00b9", "1"}, {"\u00b2", "2"}, {"\u00b3", "3"}, {"\u207b", "-"}, {"\u2212", "-"},
    {"\u00b7", ""},  {"\u22c5", ""},  {"\u2219", ""},  {"\u2022", ""},  // dots
    {"\u00a0", ""},  {"\u2009", ""},  {"\u202f", ""},                   // blanks
    {"\u2215", "/"}, {"\u2044", "/"},
};

// "° C" and "°C" are "c"; a lone degree sign is an angle.
std::string normalised(std::string_view spelling) {
  std::string out;
  while (!spelling.empty()) {
    const char c = spelling.front();
    std::size_t length = 1;
    if (static_cast<unsigned char>(c) < 0x80) {
      if (c != ' ' && c != '.' && c != '*' && c != '^' && c != '\0')
        out += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    } else {
      const auto* const sign = std::find_if(std::begin(signs), std::end(signs),
                                            [&](const Sign& s) { return spelling.starts_with(s.utf8); });
      if (sign != std::end(signs)) {
        length = sign->utf8.size();
        out += sign->ascii;
      } else {
        out += c;
      }
    }
    spelling.remove_prefix(length);
  }
  return out;
}

bool is_degree_sign(std::string_view text) {
  return text == "\u00b0" || text == "\u00ba" || text == "\u02da";
}

}  // namespace

std::string_view ucum_from_spelling(std::string_view spelling) {
  if (const auto code = ucum_from_code(spelling, nullptr); !code.empty()) return code;
  if (is_degree_sign(spelling)) return "deg";
  const std::string wanted = normalised(spelling);
  if (wanted.empty()) return {};
  for (const auto& [text, code] : spellings) {
    if (wanted == text) return code;
  }
  return ucum_from_code(wanted, normalised);
}

}  // namespace weather::sensors
