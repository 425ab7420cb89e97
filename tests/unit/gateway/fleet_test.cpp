#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gateway/config/check.hpp"
#include "gateway/config/load.hpp"
#include "gateway/fleet/record.hpp"

namespace weather::gateway {
namespace {

namespace json = boost::json;
using testing::HasSubstr;

Status catching_up() {
  Status status;
  status.gateway_id = "pi-roof";
  status.log_id = "00112233445566778899aabbccddeeff";
  status.started_ns = 1'700'000'000'000'000'000;
  status.now_ns = status.started_ns + 60'000'000'000;
  status.clock = "synchronised";
  status.log.writable = true;
  status.kafka.state = bridge::RouteState::catching_up;
  auto& route = status.kafka.routes.emplace_back();
  route.state = bridge::RouteState::catching_up;
  route.waiting = 4211;
  route.oldest_waiting_ns = status.started_ns;
  route.eta_s = 13;
  route.delivered = 5;
  return status;
}

TEST(FleetRecord, tells_dark_from_catching_up) {
  const auto record = json::parse(fleet_record(catching_up(), {7, std::chrono::seconds(60)})).as_object();
  EXPECT_EQ(record.at("gateway"), "pi-roof");
  EXPECT_EQ(record.at("state"), "catching_up");
  EXPECT_EQ(record.at("unsent"), 4211);
  EXPECT_EQ(record.at("oldest_unsent"), "2023-11-14T22:13:20Z");
  EXPECT_EQ(record.at("eta_seconds").as_double(), 13);
  EXPECT_EQ(record.at("beat"), 7);
  EXPECT_EQ(record.at("interval_seconds").as_double(), 60);
  EXPECT_EQ(record.at("born"), "2023-11-14T22:13:20Z");
  EXPECT_EQ(record.at("time"), "2023-11-14T22:14:20Z");
  EXPECT_EQ(record.at("clock"), "synchronised");
  for (const auto* name : {"version", "librdkafka", "log_id", "verdict", "lost", "writable"})
    EXPECT_TRUE(record.contains(name)) << name;
}

TEST(FleetRecord, the_last_word_of_a_stop_says_so) {
  const auto record =
      json::parse(fleet_record(catching_up(), {8, std::chrono::seconds(60), true})).as_object();
  EXPECT_EQ(record.at("state"), "stopped");
  EXPECT_THAT(record.at("verdict").as_string().c_str(), HasSubstr("4211"));
}

std::vector<std::string> faults(const std::string& text) {
  const std::vector<ConfigText> texts{{"a.toml", text}};
  const auto config = load(texts, {});
  std::vector<std::string> found;
  if (!config) {
    for (const auto& error : config.error()) found.push_back(to_string(error));
    return found;
  }
  for (const auto& error : check(*config)) found.push_back(to_string(error));
  return found;
}

TEST(FleetConfig, its_topic_is_a_topic_of_its_own) {
  EXPECT_THAT(faults("[fleet]\ntopic = \"weather-gateway-status\"\n"), testing::IsEmpty());
  EXPECT_THAT(faults("[fleet]\ntopic = \"no good\"\n"), testing::ElementsAre(HasSubstr("a.toml:2")));
  EXPECT_THAT(faults("[kafka]\ntopic = \"t\"\n[fleet]\ntopic = \"t\"\n"),
              testing::ElementsAre(HasSubstr("give the status its own")));
  EXPECT_THAT(faults("[fleet]\ninterval = \"100ms\"\n"), testing::ElementsAre(HasSubstr("a.toml:2")));
}

}  // namespace
}  // namespace weather::gateway
