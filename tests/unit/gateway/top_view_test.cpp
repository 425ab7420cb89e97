#include "gateway/commands/top_view.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace weather::gateway {
namespace {

using testing::Contains;
using testing::Each;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

const boost::json::value status = boost::json::parse(R"({
 "verdict":"Offline (connecting): 4,211 readings kept","health":"warning","unsent":4211,
 "gateway":{"id":"pi-roof","uptime_seconds":3700,"clock":"synchronised"},
 "sources":[{"name":"mqtt:127.0.0.1:1883","up":true,"reason":"","readings":1200}],
 "kafka":[{"topic":"weather","state":"offline","reason":"connection refused","delivered":800}],
 "log":{"size_bytes":8388608,"max_bytes":1073741824}})");
const boost::json::value sensors = boost::json::parse(R"({"sensors":[
 {"id":"a-good","state":"ok","age_seconds":2.5,"value":{"temperature":22.5}},
 {"id":"b-broken","state":"rejecting","age_seconds":9,"error":"offset 3: expected ','"},
 {"id":"c-silent","state":"silent","age_seconds":7200,"value":{"temperature":1}}]})");

std::string all(const std::vector<std::string>& lines) {
  std::string text;
  for (const auto& line : lines) text += line + "\n";
  return text;
}

TEST(TopScreen, BeginsWithTheVerdictAndShowsTheWorstSensorFirst) {
  const auto lines = top_screen(status, sensors, {}, {100, 40, false});
  EXPECT_EQ(lines.front(), "Offline (connecting): 4,211 readings kept");
  const auto text = all(lines);
  EXPECT_LT(text.find("b-broken"), text.find("c-silent"));
  EXPECT_LT(text.find("c-silent"), text.find("a-good"));
  EXPECT_THAT(text, HasSubstr("cannot be read: offset 3"));
  EXPECT_THAT(text, HasSubstr("kafka   weather"));
  EXPECT_THAT(text, HasSubstr("offline: connection refused"));
}

TEST(TopScreen, RatesComeFromTheLookBefore) {
  EXPECT_THAT(all(top_screen(status, sensors, {}, {})), HasSubstr("in -   unsent 4,211   out -"));
  EXPECT_THAT(all(top_screen(status, sensors, {1190, 799, 2}, {})),
              HasSubstr("in 5.0/s   unsent 4,211   out 0.5/s"));
  EXPECT_EQ(top_counts(status).readings, 1200);
}

TEST(TopScreen, FitsTheTerminal) {
  const auto lines = top_screen(status, sensors, {}, {20, 9, false});
  EXPECT_LE(lines.size(), 8U);
  for (const auto& line : lines) EXPECT_LE(line.size(), 20U) << line;
  EXPECT_THAT(lines.back(), StartsWith("... and 4 more"));
}

TEST(TopScreen, IsColouredOnlyIfAsked) {
  EXPECT_THAT(top_screen(status, sensors, {}, {}), Each(Not(HasSubstr("\x1b"))));
  EXPECT_THAT(top_screen(status, sensors, {}, {80, 24, true}), Contains(HasSubstr("\x1b[31m")));
}

TEST(TopScreen, CutsBetweenCharactersNotInside) {
  auto german = status;
  german.as_object()["verdict"] = "\xC3\xBC\xC3\xBC\xC3\xBC";
  EXPECT_EQ(top_screen(german, sensors, {}, {2, 40, false}).front(), "\xC3\xBC\xC3\xBC");
}

}  // namespace
}  // namespace weather::gateway
