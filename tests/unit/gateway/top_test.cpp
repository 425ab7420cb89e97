#include <algorithm>
#include <random>

#include <boost/json/parse.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gateway/output/columns.hpp"
#include "gateway/output/print.hpp"
#include "gateway/top/model.hpp"

namespace weather::gateway {
namespace {

using testing::Contains;
using testing::Each;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

const boost::json::value offline = boost::json::parse(R"({
 "verdict":"Offline (connecting): 4,211 readings kept","health":"warning","unsent":4211,
 "received_per_second":30.0,"delivered_per_second":0.2,
 "gateway":{"id":"pi-roof","uptime_seconds":3700,"clock":"synchronised"},
 "sources":[{"name":"mqtt:127.0.0.1:1883","up":true,"reason":""}],
 "kafka":[{"topic":"weather","state":"offline","reason":"connection refused","records_per_second":0}],
 "log":{"size_bytes":8388608,"max_bytes":1073741824}})");
const boost::json::value four = boost::json::parse(R"({"sensors":[
 {"id":"a-good","state":"ok","source":"mqtt","age_seconds":2.5,
  "value":{"temperature":21.611111111111114,"humidity":60},"units":{"temperature":"°C","humidity":"%"}},
 {"id":"b-broken","state":"rejecting","source":"http","age_seconds":9,"error":"offset 3: expected ','"},
 {"id":"c-silent","state":"silent","source":"mqtt","age_seconds":7200,"value":{"temperature":1}},
 {"id":"d-low","state":"ok","source":"mqtt","age_seconds":1,"value":{"temperature":1},"quality":"good",
  "battery_low":true,"battery_ratio":0.15,"rssi_dbm":-70.7}]})");

boost::json::value many(int count) {
  boost::json::array list;
  for (int i = 0; i < count; ++i) {
    const auto number = std::to_string(1000 + i);
    list.push_back({{"id", "sensor-" + number},
                    {"state", i % 10 == 9 ? "late" : "ok"},
                    {"source", "mqtt"},
                    {"age_seconds", i},
                    {"value", {{"temperature", i}}}});
  }
  return {{"sensors", std::move(list)}};
}

TopModel model_of(boost::json::value sensors) {
  TopModel model;
  model.look(offline, std::move(sensors));
  return model;
}

std::string all(const std::vector<std::string>& lines) {
  std::string text;
  for (const auto& line : lines) text += line + "\n";
  return text;
}

TopModel::Action type(TopModel& model, const std::string& text) {
  auto last = TopModel::Action::none;
  for (const char c : text) last = model.press({KeyName::text, std::string(1, c)});
  return last;
}
TopModel::Action press(TopModel& model, KeyName name) {
  return model.press({name, {}});
}
std::vector<std::string> ids(const std::vector<std::string>& lines) {
  std::vector<std::string> found;
  for (const auto& line : lines)
    if (line.starts_with("sensor-")) found.push_back(line.substr(0, 11));
  return found;
}

TEST(Top, BeginsWithTheVerdictAndShowsTheWorstSensorFirst) {
  auto model = model_of(four);
  const auto lines = model.lines({100, 40, false});
  EXPECT_EQ(lines.front(), "Offline (connecting): 4,211 readings kept");
  const auto text = all(lines);
  EXPECT_LT(text.find("b-broken"), text.find("c-silent"));
  EXPECT_LT(text.find("c-silent"), text.find("a-good"));
  EXPECT_THAT(text, HasSubstr("cannot be read: offset 3"));
  EXPECT_THAT(text, HasSubstr("offline: connection refused"));
  EXPECT_THAT(text, HasSubstr("4 sensors; by state, the worst first"));
}

TEST(Top, ValuesHaveUnitsAndAsManyDigitsAsPeopleRead) {
  auto model = model_of(four);
  const auto text = all(model.lines({120, 40, false}));
  EXPECT_THAT(text, HasSubstr("temperature 21.6 °C, humidity 60 %"));
  EXPECT_THAT(text, HasSubstr("battery low (15 %); temperature 1, signal -71 dBm"));
  EXPECT_THAT(text, HasSubstr("2 h"));
}

TEST(Top, HasTheRatesOfThePageInTheUnitThatFits) {
  auto model = model_of(four);
  EXPECT_THAT(all(model.lines({})), HasSubstr("in 30/s      unsent 4,211     out 12/min"));
  auto draining = offline;
  auto& route = draining.at("kafka").as_array()[0].as_object();
  route["state"] = "catching_up";
  route["records_per_second"] = 1234.4;
  model.look(draining, four);
  EXPECT_THAT(all(model.lines({})), HasSubstr("out 1234/s"));
}

TEST(Top, ScrollsByLinesPagesAndToBothEnds) {
  auto model = model_of(many(300));
  type(model, "s");  // by name
  const TopScreen screen{80, 24, false};
  const auto first = ids(model.lines(screen));
  ASSERT_GE(first.size(), 10U);
  EXPECT_EQ(first.front(), "sensor-1000");
  press(model, KeyName::down);
  EXPECT_EQ(ids(model.lines(screen)).front(), "sensor-1001");
  press(model, KeyName::page_down);
  EXPECT_EQ(ids(model.lines(screen)).front(), "sensor-" + std::to_string(1001 + first.size()));
  type(model, "G");
  EXPECT_EQ(ids(model.lines(screen)).back(), "sensor-1299");
  press(model, KeyName::page_down);
  EXPECT_EQ(ids(model.lines(screen)).back(), "sensor-1299");
  EXPECT_EQ(ids(model.lines(screen)).size(), first.size());
  press(model, KeyName::home);
  EXPECT_EQ(ids(model.lines(screen)).front(), "sensor-1000");
  press(model, KeyName::up);
  EXPECT_EQ(ids(model.lines(screen)).front(), "sensor-1000");
}

TEST(Top, EverySensorIsSeenOnceWhenPagedThrough) {
  for (const std::size_t height : {10U, 24U, 40U, 200U, 400U}) {
    auto model = model_of(many(100));
    std::vector<std::string> seen;
    for (int page = 0; page < 100; ++page) {
      for (const auto& id : ids(model.lines({80, height, false}))) seen.push_back(id);
      press(model, KeyName::page_down);
    }
    std::sort(seen.begin(), seen.end());
    seen.erase(std::unique(seen.begin(), seen.end()), seen.end());
    EXPECT_EQ(seen.size(), 100U) << height;
  }
}

TEST(Top, SortsByEachColumnAndTheOtherWayRound) {
  auto model = model_of(many(30));
  const TopScreen screen{80, 60, false};
  EXPECT_EQ(ids(model.lines(screen)).front(), "sensor-1009");  // late
  type(model, "s");
  EXPECT_EQ(ids(model.lines(screen)).front(), "sensor-1000");
  type(model, "r");
  EXPECT_EQ(ids(model.lines(screen)).front(), "sensor-1029");
  type(model, "rs");
  EXPECT_EQ(ids(model.lines(screen)).front(), "sensor-1029");  // the oldest
  type(model, "ss");
  EXPECT_EQ(ids(model.lines(screen)).front(), "sensor-1009");  // round again
}

TEST(Top, ShowsOnlyWhatTheFilterNames) {
  auto model = model_of(four);
  const TopScreen screen{100, 40, false};
  EXPECT_EQ(type(model, "/"), TopModel::Action::draw);
  type(model, "HTTPq");  // q is a letter here
  press(model, KeyName::backspace);
  EXPECT_THAT(model.lines(screen).back(), HasSubstr("show only: HTTP_"));
  auto text = all(model.lines(screen));
  EXPECT_THAT(text, HasSubstr("b-broken"));
  EXPECT_THAT(text, Not(HasSubstr("a-good")));
  EXPECT_THAT(text, HasSubstr("1 sensor with \"HTTP\", 4 in all"));
  press(model, KeyName::enter);
  EXPECT_THAT(all(model.lines(screen)), Not(HasSubstr("a-good")));
  press(model, KeyName::escape);
  EXPECT_THAT(all(model.lines(screen)), HasSubstr("a-good"));
}

TEST(Top, AFilterThatIsTakenAwayOrAFleetThatShrinksLeavesNoHole) {
  auto model = model_of(many(300));
  type(model, "G");
  model.lines({80, 24, false});
  model.look(offline, many(5));
  EXPECT_EQ(ids(model.lines({80, 24, false})).size(), 5U);
}

TEST(Top, LongValuesCanBeReadToTheirEnd) {
  auto sensors = four;
  auto& value = sensors.at("sensors").as_array()[0].as_object()["value"].as_object();
  for (int i = 0; i < 20; ++i) value["field-" + std::to_string(i)] = i;
  auto model = model_of(sensors);
  EXPECT_THAT(all(model.lines({80, 24, false})), Not(HasSubstr("field-19 19")));
  for (int i = 0; i < 40; ++i) press(model, KeyName::right);
  for (int i = 0; i < 40; ++i) {
    if (all(model.lines({80, 24, false})).find("field-19 19") != std::string::npos) return;
    press(model, KeyName::left);
  }
  FAIL() << "the end of the value is nowhere";
}

TEST(Top, HelpIsThereAndGoesAgain) {
  auto model = model_of(four);
  EXPECT_THAT(model.lines({}).back(), HasSubstr("h help"));
  type(model, "?");
  EXPECT_THAT(all(model.lines({})), HasSubstr("sort by state, name, age, source"));
  EXPECT_THAT(all(model.lines({})), HasSubstr("any key ends it"));
  EXPECT_EQ(press(model, KeyName::down), TopModel::Action::draw);
  EXPECT_THAT(all(model.lines({})), HasSubstr("a-good"));
}

TEST(Top, EndsWithItsKeysOnly) {
  for (const char c : std::string("kjbgGsr hx")) {
    auto model = model_of(four);
    EXPECT_NE(type(model, std::string(1, c)), TopModel::Action::quit) << c;
  }
  auto model = model_of(four);
  EXPECT_EQ(type(model, "q"), TopModel::Action::quit);
  EXPECT_EQ(press(model, KeyName::interrupt), TopModel::Action::quit);
  type(model, "/");
  EXPECT_EQ(press(model, KeyName::interrupt), TopModel::Action::quit);
}

TEST(Top, WhatWasSeenLastStaysWhileTheGatewayIsAway) {
  auto model = model_of(four);
  model.miss("/run/control.sock: no gateway is running there");
  const auto lines = model.lines({100, 40, false});
  EXPECT_THAT(lines.front(), StartsWith("No answer, trying again: /run/control.sock"));
  EXPECT_THAT(all(lines), HasSubstr("a-good"));
  model.look(offline, four);
  EXPECT_THAT(model.lines({}).front(), StartsWith("Offline"));
}

TEST(Top, ManySourcesLeaveRoomAndTheBrokenOneIsAmongThoseShown) {
  auto status = offline;
  auto& sources = status.at("sources").as_array();
  for (int i = 0; i < 40; ++i)
    sources.push_back(
        {{"name", "bus:" + std::to_string(i)}, {"up", i != 33}, {"reason", i == 33 ? "unplugged" : ""}});
  TopModel model;
  model.look(status, many(50));
  const auto text = all(model.lines({80, 24, false}));
  EXPECT_THAT(text, HasSubstr("unplugged"));
  EXPECT_THAT(text, HasSubstr("and 39 more"));
  EXPECT_GE(ids(model.lines({80, 24, false})).size(), 10U);
}

TEST(Top, IsColouredOnlyIfAsked) {
  auto model = model_of(four);
  EXPECT_THAT(model.lines({}), Each(Not(HasSubstr("\x1b"))));
  EXPECT_THAT(model.lines({80, 24, true}), Contains(HasSubstr("\x1b[31m")));
}

std::string without_colour(std::string line) {
  for (auto at = line.find('\x1b'); at != std::string::npos; at = line.find('\x1b'))
    line.erase(at, line.find('m', at) - at + 1);
  return line;
}

// Whatever the size, the keys and the text of sensors: it fits, and nothing foreign commands the terminal.
TEST(Top, FitsEveryTerminalWhateverIsPressed) {
  std::mt19937 random(5);
  for (int run = 0; run < 300; ++run) {
    auto sensors = many(static_cast<int>(random() % 60));
    if (!sensors.at("sensors").as_array().empty()) {
      auto& sensor = sensors.at("sensors").as_array()[0].as_object();
      sensor["id"] = "evil\x1b[2J\r\n温度";
      sensor["value"] = {{"a\nb", "\x1b]0;title\x07"}};
    }
    auto model = model_of(sensors);
    for (int step = 0; step < 30; ++step) {
      const auto name = static_cast<KeyName>(random() % 13);
      const std::string letters = "kjbgGsr/hü?";
      if (model.press({name, name == KeyName::text ? std::string(1, letters[random() % letters.size()])
                                                   : ""}) == TopModel::Action::quit)
        break;
      const TopScreen screen{1 + random() % 140, 1 + random() % 60, random() % 2 == 0};
      const auto lines = model.lines(screen);
      ASSERT_LE(lines.size(), std::max<std::size_t>(1, screen.height - 1));
      for (const auto& line : lines) {
        ASSERT_LE(columns_of(without_colour(line)), screen.width) << line;
        ASSERT_EQ(line.find_first_of("\r\n\x07"), std::string::npos);
        ASSERT_EQ(printable_screen(line), line);
      }
    }
  }
}

}  // namespace
}  // namespace weather::gateway
