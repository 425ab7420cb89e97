#include "gateway/status/status.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace weather::gateway {
namespace {

using bridge::RouteState;
using testing::HasSubstr;

constexpr std::int64_t second = 1'000'000'000;

Status status_in(RouteState state) {
  Status status;
  status.gateway_id = "pi-roof";
  status.started_ns = 1'700'000'000 * second;
  status.now_ns = status.started_ns + 4000 * second;
  status.clock = "synchronised";
  status.kafka.state = state;
  auto& route = status.kafka.routes.emplace_back();
  route.name = "kafka";
  route.topic = "topic_weather";
  route.state = state;
  return status;
}

TEST(Verdict, says_what_is_going_on) {
  EXPECT_EQ(verdict(status_in(RouteState::online)).sentence, "Online: readings go to Kafka as they come");
  auto offline = status_in(RouteState::offline);
  offline.kafka.reason = "no broker answers";
  offline.kafka.routes[0].waiting = 4211;
  offline.kafka.routes[0].oldest_waiting_ns = offline.now_ns - 3720 * second;
  EXPECT_EQ(verdict(offline).sentence,
            "Offline (no broker answers): 4,211 readings kept, the oldest for 1 h 2 min");
  EXPECT_EQ(verdict(offline).health, Health::warning);
  auto draining = status_in(RouteState::catching_up);
  draining.kafka.routes[0].waiting = 4211;
  draining.kafka.routes[0].records_per_s = 320;
  draining.kafka.routes[0].eta_s = 13.2;
  EXPECT_EQ(verdict(draining).sentence, "Catching up: 4,211 left, 320/s, about 13 s");
}

TEST(Verdict, a_silent_sensor_is_a_warning_whatever_else_is) {
  for (const auto state : {RouteState::online, RouteState::catching_up, RouteState::offline,
                           RouteState::blocked, RouteState::holding, RouteState::paused}) {
    auto status = status_in(state);
    const auto before = verdict(status);
    status.silent_sensors = {"a", "b", "c", "d"};
    const auto with = verdict(status);
    EXPECT_EQ(with.word, before.word);
    EXPECT_EQ(with.health, before.health == Health::critical ? Health::critical : Health::warning);
    EXPECT_EQ(with.sentence, before.sentence + "; 4 sensors are silent: a, b, c and others");
  }
}

TEST(Verdict, a_broken_card_outranks_everything) {
  auto status = status_in(RouteState::online);
  status.log.writable = false;
  status.log.reason = "read-only file system";
  EXPECT_EQ(verdict(status).health, Health::critical);
  EXPECT_THAT(verdict(status).sentence, HasSubstr("read-only file system"));
}

TEST(StatusJson, is_one_versioned_object) {
  auto status = status_in(RouteState::online);
  auto& source = status.sources.emplace_back();
  source.name = "mqtt:a";
  source.counters.undecodable["json_syntax"] = 2;
  const auto document = boost::json::parse(to_json(status)).as_object();
  EXPECT_EQ(document.at("schema_version"), 1);
  EXPECT_EQ(document.at("state"), "online");
  EXPECT_EQ(document.at("gateway").at("uptime_seconds"), 4000);
  EXPECT_EQ(document.at("gateway").at("started"), "2023-11-14T22:13:20Z");
  EXPECT_EQ(document.at("sources").at(0).at("undecodable").at("json_syntax"), 2);
  EXPECT_EQ(document.at("kafka").at(0).at("topic"), "topic_weather");
  EXPECT_TRUE(document.at("oldest_unsent").is_null());
}

TEST(StatusLine, fits_systemctl) {
  EXPECT_EQ(status_line(status_in(RouteState::online)), "online, 0 unsent, 0 sensors");
}

TEST(Human, durations_and_counts) {
  EXPECT_EQ(human_duration(14), "14 s");
  EXPECT_EQ(human_duration(60), "1 min");
  EXPECT_EQ(human_duration(11'520), "3 h 12 min");
  EXPECT_EQ(human_duration(90'000), "1 d 1 h");
  EXPECT_EQ(human_count(0), "0");
  EXPECT_EQ(human_count(999), "999");
  EXPECT_EQ(human_count(1'234'567), "1,234,567");
}

}  // namespace
}  // namespace weather::gateway
