#include "bridge/encode/match.hpp"

#include <array>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace weather::bridge {
namespace {

const TemplateFields roof{"rtl433:Fineoffset:133", "roof", "rtl_433", "air_temperature"};
constexpr std::array<std::string_view, 2> quantities{"air_temperature", "rain_accumulation"};

bool fits(const MatchPatterns& patterns) {
  return Match::parse(patterns).value().fits(roof, quantities);
}

TEST(Glob, AStarIsAnyRunOfCharacters) {
  for (const auto* pattern : {"*", "abc", "a*", "*c", "a*c", "*b*", "**", "abc*", "a*b*c"})
    EXPECT_TRUE(fits_glob(pattern, "abc")) << pattern;
  for (const auto* pattern : {"", "ab", "b*", "*b", "a*d", "abcd", "abc*d"})
    EXPECT_FALSE(fits_glob(pattern, "abc")) << pattern;
  EXPECT_TRUE(fits_glob("a*ab", "aaab")) << "the star takes more when the rest does not fit";
  EXPECT_TRUE(fits_glob("*", ""));
}

TEST(Match, EveryPatternGivenMustFit) {
  EXPECT_TRUE(fits({}));
  EXPECT_TRUE(fits({{"sensor", "rtl433:*"}, {"station", "roof"}}));
  EXPECT_FALSE(fits({{"sensor", "rtl433:*"}, {"station", "cellar"}}));
}

TEST(Match, AlternativesAndTheOtherWayRound) {
  EXPECT_TRUE(fits({{"source", "ecowitt|rtl_433"}}));
  EXPECT_FALSE(fits({{"source", "!ecowitt|rtl_433"}}));
  EXPECT_TRUE(fits({{"source", "!ecowitt"}}));
}

TEST(Match, AnyOfTheQuantitiesCounts) {
  EXPECT_TRUE(fits({{"quantity", "rain_*"}}));
  EXPECT_FALSE(fits({{"quantity", "wind_*"}}));
  EXPECT_FALSE(fits({{"quantity", "!rain_*"}}));
}

TEST(Match, MistakesAreNamedWithTheNearestName) {
  EXPECT_EQ(Match::parse({{"sensors", "a"}}).error(),
            "there is no {sensors}: choose from {sensor}, {station}, {source} and {quantity}; did you mean "
            "{sensor}?");
  EXPECT_THAT(Match::parse({{"sensor", "a|"}}).error(), testing::HasSubstr("has an empty pattern"));
}

}  // namespace
}  // namespace weather::bridge
