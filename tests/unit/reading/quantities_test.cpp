#include "sensors/reading/quantities.hpp"

#include <set>

#include <gtest/gtest.h>

#include "sensors/reading/units.hpp"

namespace weather::sensors {
namespace {

TEST(Quantities, AliasesAndCanonicalNamesLeadToEachOther) {
  EXPECT_EQ(canonical_name("temperature"), "air_temperature");
  EXPECT_EQ(alias_of("air_temperature"), "temperature");
  EXPECT_EQ(canonical_name("humidity"), "relative_humidity");
  EXPECT_EQ(alias_of("relative_humidity"), "humidity");
  EXPECT_EQ(canonical_unit("air_temperature"), "Cel");
  EXPECT_EQ(canonical_unit("rainfall_rate"), "mm/h");
}

TEST(Quantities, AnUnknownNameIsItself) {
  EXPECT_EQ(canonical_name("bee_count"), "bee_count");
  EXPECT_EQ(alias_of("bee_count"), "bee_count");
  EXPECT_EQ(canonical_unit("bee_count"), "");
}

TEST(Quantities, TheTableIsWithoutContradiction) {
  std::set<std::string_view> names, aliases;
  for (const auto& info : known_quantities()) {
    EXPECT_TRUE(names.insert(info.name).second) << info.name;
    EXPECT_TRUE(aliases.insert(info.alias).second) << info.alias;
    EXPECT_TRUE(info.unit.empty() || is_known_unit(info.unit)) << info.name;
    EXPECT_TRUE(info.imperial_unit.empty() || are_convertible(info.unit, info.imperial_unit)) << info.name;
    EXPECT_EQ(canonical_name(alias_of(info.name)), info.name);
  }
}

}  // namespace
}  // namespace weather::sensors
