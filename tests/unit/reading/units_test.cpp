#include "sensors/reading/units.hpp"

#include <gtest/gtest.h>

#include "sensors/reading/number.hpp"
#include "sensors/reading/quantities.hpp"

namespace weather::sensors {
namespace {

TEST(Units, WeatherConversionsGiveTheTextbookValues) {
  EXPECT_EQ(convert(71.78, "[degF]", "Cel"), 22.1);
  EXPECT_EQ(convert(-40, "[degF]", "Cel"), -40);
  EXPECT_EQ(convert(295.65, "K", "Cel"), 22.5);
  EXPECT_EQ(convert(100, "[mi_i]/h", "m/s"), 44.704);
  EXPECT_EQ(convert(36, "km/h", "m/s"), 10);
  EXPECT_DOUBLE_EQ(*convert(1, "[kn_i]", "m/s"), 1852.0 / 3600);
  EXPECT_EQ(convert(0.66, "[in_i]", "mm"), 16.764);
  EXPECT_EQ(convert(29.92, "[in_i'Hg]", "hPa"), 1013.2075888);
  EXPECT_EQ(convert(101.325, "kPa", "hPa"), 1013.25);
  EXPECT_EQ(convert(1013.25, "mbar", "hPa"), 1013.25);
  EXPECT_EQ(convert(0.6, "1", "%"), 60);
  EXPECT_EQ(convert(0.1, "[in_i]/h", "mm/h"), 2.54);
}

TEST(Units, DifferentKindsAndUnknownUnitsDoNotConvert) {
  EXPECT_FALSE(convert(1, "Cel", "hPa"));
  EXPECT_FALSE(convert(1, "mm", "mm/h"));
  EXPECT_FALSE(convert(1, "furlong", "m"));
  EXPECT_EQ(convert(1, "furlong", "furlong"), 1);
}

TEST(Units, ThereAndBackAgainIsWhereOneStarted) {
  const struct {
    const char *from, *to;
    double low, high, step;
  } walks[] = {{"[degF]", "Cel", -80, 140, 0.01},   {"K", "Cel", 200, 330, 0.01},
               {"[mi_i]/h", "m/s", 0, 150, 0.01},   {"km/h", "m/s", 0, 240, 0.001},
               {"[kn_i]", "m/s", 0, 150, 0.1},      {"[in_i]", "mm", 0, 240, 0.01},
               {"[in_i'Hg]", "hPa", 25, 33, 0.001}, {"kPa", "hPa", 80, 110, 0.001}};
  for (const auto& walk : walks) {
    for (int i = 0; walk.low + i * walk.step <= walk.high; ++i) {
      const double value = round_significant(walk.low + i * walk.step, 9);
      const auto there = convert(value, walk.from, walk.to);
      ASSERT_TRUE(there);
      EXPECT_EQ(convert(*there, walk.to, walk.from), value) << value << ' ' << walk.from;
    }
  }
}

TEST(Units, PeoplesSpellingsAreUnderstood) {
  EXPECT_EQ(ucum_from_spelling("°C"), "Cel");
  EXPECT_EQ(ucum_from_spelling("C"), "Cel");
  EXPECT_EQ(ucum_from_spelling("° F"), "[degF]");
  EXPECT_EQ(ucum_from_spelling("°"), "deg");
  EXPECT_EQ(ucum_from_spelling("km/h"), "km/h");
  EXPECT_EQ(ucum_from_spelling("mph"), "[mi_i]/h");
  EXPECT_EQ(ucum_from_spelling("kn"), "[kn_i]");
  EXPECT_EQ(ucum_from_spelling("inHg"), "[in_i'Hg]");
  EXPECT_EQ(ucum_from_spelling("hPa"), "hPa");
  EXPECT_EQ(ucum_from_spelling("HPA"), "hPa");
  EXPECT_EQ(ucum_from_spelling("mb"), "mbar");
  EXPECT_EQ(ucum_from_spelling("W/m²"), "W/m2");
  EXPECT_EQ(ucum_from_spelling("µg/m³"), "ug/m3");
  EXPECT_EQ(ucum_from_spelling("[degF]"), "[degF]");
  EXPECT_EQ(ucum_from_spelling("parsec"), "");
}

TEST(Units, AMegahertzIsNotAMillihertz) {
  EXPECT_EQ(ucum_from_spelling("MHz"), "MHz");
  EXPECT_EQ(convert(868.3, "MHz", "Hz"), 868'300'000);
}

// Issue 17: as people write them.
TEST(Units, DotsSuperscriptsAndTheirAbsenceAreOneUnit) {
  const std::pair<const char*, const char*> cases[] = {{"W·m⁻²", "W/m2"},
                                                       {"W m-2", "W/m2"},
                                                       {"W/m^2", "W/m2"},
                                                       {"m·s⁻¹", "m/s"},
                                                       {"m s^-1", "m/s"},
                                                       {"km·h⁻¹", "km/h"},
                                                       {"µg/m³", "ug/m3"},
                                                       {"μg·m⁻³", "ug/m3"},
                                                       {"ug/m3", "ug/m3"},
                                                       {"℃", "Cel"},
                                                       {"ºC", "Cel"},
                                                       {"℉", "[degF]"},
                                                       {"kPa", "kPa"},
                                                       {"PSI", "[psi]"},
                                                       {"bar", "bar"},
                                                       {"mbar", "mbar"},
                                                       {"klx", "klx"},
                                                       {"kLux", "klx"},
                                                       {"lx", "lx"},
                                                       {"Lux", "lx"},
                                                       {"mm/h", "mm/h"},
                                                       {"mm·h⁻¹", "mm/h"},
                                                       {"in/hr", "[in_i]/h"},
                                                       {"L/m²", "mm"},
                                                       {"inHg", "[in_i'Hg]"},
                                                       {"\"Hg", "[in_i'Hg]"},
                                                       {"µS/cm", "uS/cm"},
                                                       {"dS/m", "dS/m"},
                                                       {"%RH", "%"},
                                                       {"km/h", "km/h"},
                                                       {"kn", "[kn_i]"},
                                                       {"mi", "[mi_i]"},
                                                       {"mmHg", "mm[Hg]"},
                                                       {"g/m³", "g/m3"},
                                                       {"µmol/m²/s", "umol/m2/s"},
                                                       {"hPa\0", "hPa"},
                                                       {"degrees", "deg"},
                                                       {"º", "deg"}};
  for (const auto& [spelling, code] : cases) EXPECT_EQ(ucum_from_spelling(spelling), code) << spelling;
  for (const char* nothing : {"", " ", "furlong", "·", "°X"})
    EXPECT_EQ(ucum_from_spelling(nothing), "") << nothing;
}

TEST(Units, EveryUnitHasASuffixThatNamesIt) {
  EXPECT_EQ(unit_suffix("[degF]"), "F");
  EXPECT_EQ(unit_suffix("[mi_i]/h"), "mi_h");
  EXPECT_EQ(unit_suffix("uS/cm"), "uS_cm");
  EXPECT_EQ(unit_suffix("[in_i'Hg]"), "inHg");
  EXPECT_EQ(unit_suffix("umol/m2/s"), "umol_m2_s");
  EXPECT_EQ(unit_suffix("odd [unit]"), "odd_unit");
  EXPECT_EQ(unit_suffix("1"), "");
}

TEST(Units, HaveASymbolAsPeopleWriteThem) {
  EXPECT_EQ(unit_symbol("Cel"), "°C");
  EXPECT_EQ(unit_symbol("[in_i'Hg]"), "inHg");
  EXPECT_EQ(unit_symbol("ug/m3"), "µg/m³");
  EXPECT_EQ(unit_symbol("umol/m2/s"), "µmol/m²/s");
  EXPECT_EQ(unit_symbol("m/s"), "m/s");
  EXPECT_EQ(unit_symbol("1"), "");
  EXPECT_EQ(unit_symbol("furlong2"), "furlong2");
}

TEST(Units, TheSymbolOfAQuantityIsReadAsItsUnit) {
  for (const auto& quantity : known_quantities())
    for (const auto unit : {quantity.unit, quantity.imperial_unit})
      EXPECT_EQ(ucum_from_spelling(unit_symbol(unit)), unit) << quantity.name;
}

// 29.90 comes as 29.9, and 30.00 as 30: they are no coarser than their neighbours.
TEST(Units, APressureThatEndsInZerosIsAsGoodAsItsNeighbours) {
  for (int hundredths = 2700; hundredths <= 3200; ++hundredths) {
    const auto exact = convert(hundredths / 100.0, "[in_i'Hg]", "hPa");
    const auto measured = convert_measured(hundredths / 100.0, "[in_i'Hg]", "hPa");
    ASSERT_TRUE(exact && measured);
    EXPECT_NEAR(*measured, *exact, 0.0501) << hundredths;
  }
}

}  // namespace
}  // namespace weather::sensors
