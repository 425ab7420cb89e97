#include "sensors/mapping/pattern.hpp"

#include <gmock/gmock.h>

namespace weather::sensors {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pair;

Captures caught(std::string_view pattern, std::string_view topic) {
  Captures captures;
  const auto parsed = Pattern::topic(pattern);
  EXPECT_TRUE(parsed) << (parsed ? "" : parsed.error());
  if (!parsed || !parsed->match_topic(topic, captures)) captures = {{"no", "match"}};
  return captures;
}

TEST(Pattern, NamedSegmentsCatchWhatStandsThere) {
  EXPECT_THAT(caught("tele/{device}/SENSOR", "tele/roof/SENSOR"), ElementsAre(Pair("device", "roof")));
  EXPECT_THAT(caught("{a}/x/{b}", "1/x/2"), ElementsAre(Pair("a", "1"), Pair("b", "2")));
}

TEST(Pattern, AHoleMayHaveTextAroundIt) {
  EXPECT_THAT(caught("x/temperature:{part}", "x/temperature:100"), ElementsAre(Pair("part", "100")));
  EXPECT_THAT(caught("{name}_temperature", "garden_temperature"), ElementsAre(Pair("name", "garden")));
}

TEST(Pattern, AHoleIsNeverEmpty) {
  EXPECT_THAT(caught("{name}_temperature", "_temperature"), ElementsAre(Pair("no", "match")));
  EXPECT_THAT(caught("tele/{device}/SENSOR", "tele//SENSOR"), ElementsAre(Pair("no", "match")));
}

TEST(Pattern, LengthCounts) {
  EXPECT_THAT(caught("a/{b}", "a"), ElementsAre(Pair("no", "match")));
  EXPECT_THAT(caught("a/{b}", "a/b/c"), ElementsAre(Pair("no", "match")));
}

TEST(Pattern, ATailCatchesOneSegmentOrMore) {
  EXPECT_THAT(caught("z/{device...}", "z/garden/shed"), ElementsAre(Pair("device", "garden/shed")));
  EXPECT_THAT(caught("z/{device...}", "z/shed"), ElementsAre(Pair("device", "shed")));
  EXPECT_THAT(caught("z/{device...}", "z"), ElementsAre(Pair("no", "match")));
  EXPECT_THAT(caught("z/bridge/#", "z/bridge/a/b"), ElementsAre());
}

TEST(Pattern, ATailMayStandAnywhere) {
  EXPECT_THAT(caught("{d...}/sensor/{f}/state", "a/b/sensor/t/state"),
              ElementsAre(Pair("d", "a/b"), Pair("f", "t")));
  EXPECT_THAT(caught("z/{d...}/{f}", "z/a/b/c"), ElementsAre(Pair("d", "a/b"), Pair("f", "c")));
  EXPECT_THAT(caught("z/{d...}/{f}", "z/a"), ElementsAre(Pair("no", "match")));
  EXPECT_EQ(Pattern::topic("z/{d...}/{f}")->mqtt_filter(), "z/#");
}

TEST(Pattern, AMismatchLeavesNothingCaught) {
  Captures captures{{"before", "1"}};
  EXPECT_FALSE(Pattern::topic("{a}/{b}/c")->match_topic("1/2/d", captures));
  EXPECT_THAT(captures, ElementsAre(Pair("before", "1")));
}

TEST(Pattern, PointersUnescapeSlashAndTilde) {
  Captures captures;
  EXPECT_TRUE(Pattern::pointer("/a~1b/c~0d")->match(std::vector<std::string>{"a/b", "c~d"}, captures));
  EXPECT_TRUE(Pattern::pointer("/~01")->match(std::vector<std::string>{"~1"}, captures));
  EXPECT_TRUE(Pattern::pointer("")->match(std::vector<std::string>{}, captures));
}

TEST(Pattern, APlusIsAHoleInTopicsOnly) {
  Captures captures;
  EXPECT_TRUE(Pattern::topic("a/+/c")->match_topic("a/b/c", captures));
  EXPECT_FALSE(Pattern::pointer("/+")->match(std::vector<std::string>{"b"}, captures));
}

TEST(Pattern, TheMqttFilterHasPlusAndHash) {
  EXPECT_EQ(Pattern::topic("{device}/status/temperature:{part}")->mqtt_filter(), "+/status/+");
  EXPECT_EQ(Pattern::topic("/lead/{rest...}")->mqtt_filter(), "/lead/#");
}

TEST(Pattern, MistakesAreNamed) {
  EXPECT_THAT(Pattern::topic("").error(), HasSubstr("empty"));
  EXPECT_THAT(Pattern::topic("a/{b/c").error(), HasSubstr("no \"}\""));
  EXPECT_THAT(Pattern::topic("{a}{b}").error(), HasSubstr("one hole"));
  EXPECT_THAT(Pattern::topic("{a...}/b/{c...}").error(), HasSubstr("only one part"));
  EXPECT_THAT(Pattern::topic("#/b").error(), HasSubstr("last part"));
  EXPECT_THAT(Pattern::topic("{a-b}").error(), HasSubstr("no name"));
  EXPECT_THAT(Pattern::topic("x{a...}").error(), HasSubstr("stands alone"));
  EXPECT_THAT(Pattern::pointer("temperature").error(), HasSubstr("starts with"));
}

}  // namespace
}  // namespace weather::sensors
