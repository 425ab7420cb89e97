// What a WeatherLink Live answers, as its documentation has it
// (https://weatherlink.github.io/weatherlink-live-local-api), and what of its broadcast is taken.
#include "sensors/sources/weatherlink_answer.hpp"

#include <gmock/gmock.h>

#include "sensors/decoders/weatherlink.hpp"
#include "sensors/sources/weatherlink_wind.hpp"
#include "tests/unit/sensors/said.hpp"

namespace weather::sensors {
namespace {

using ::testing::HasSubstr;
using Kind = WeatherlinkAnswer::Kind;

TEST(WeatherlinkAnswer, TellsConditionsBroadcastsAndErrorsApart) {
  const auto conditions =
      look_at_weatherlink(R"({"data":{"did":"001D0A700002","ts":1531754005,"conditions":[]},"error":null})");
  EXPECT_EQ(conditions.kind, Kind::conditions);
  EXPECT_EQ(conditions.did, "001D0A700002");
  EXPECT_EQ(conditions.time_ns, 1'531'754'005'000'000'000);
  const auto broadcast =
      look_at_weatherlink(R"({"data":{"broadcast_port":22222,"duration":1486},"error":null})");
  EXPECT_EQ(broadcast.kind, Kind::broadcast);
  EXPECT_EQ(broadcast.port, 22222);
  EXPECT_EQ(broadcast.duration.count(), 1486);
  const auto error =
      look_at_weatherlink(R"({"data":null,"error":{"code":404,"message":"HTTP Page Not Found"}})");
  EXPECT_EQ(error.kind, Kind::error);
  EXPECT_EQ(error.text, R"(it answers with an error: {"code":404,"message":"HTTP Page Not Found"})");
}

TEST(WeatherlinkAnswer, WhatIsNothingOfTheseIsSaidSo) {
  for (const auto* other : {"", "<html>", "{", "[]", "null", "{}", R"({"data":null})", R"({"data":{}})",
                            R"({"data":[1]})", R"({"data":{"broadcast_port":0,"duration":70}})",
                            R"({"data":{"broadcast_port":65536,"duration":70}})",
                            R"({"data":{"broadcast_port":22222,"duration":-1}})",
                            R"({"data":{"broadcast_port":22222.5,"duration":1}})",
                            R"({"data":{"broadcast_port":22222,"duration":86401}})",
                            R"({"data":{"broadcast_port":[],"duration":{}}})"}) {
    const auto answer = look_at_weatherlink(other);
    EXPECT_EQ(answer.kind, Kind::other) << other;
    EXPECT_FALSE(answer.text.empty()) << other;
  }
}

std::string datagram(const std::string& did, int time, int txid) {
  return R"({"did":")" + did + R"(","ts":)" + std::to_string(time) + R"(,"conditions":[{"txid":)" +
         std::to_string(txid) + R"(,"wind_speed_last":10}]})";
}

struct WeatherlinkWindTest : ::testing::Test {
  std::string hear(const std::string& payload, bool again = false) {
    Message message;
    message.payload = payload;
    message.again = again;
    return said_of(wind.decode(message));
  }
  WeatherlinkWind wind{decode_weatherlink};
};

TEST_F(WeatherlinkWindTest, OnlyThePolledDeviceIsHeard) {
  EXPECT_EQ(hear(datagram("A", 1532031640, 1)), "");  // nobody was polled
  wind.polled("A", 0);
  EXPECT_EQ(hear(datagram("A", 1532031640, 1)), R"(davis:A:1 2018-07-19T20:20:40Z {"wind_speed":4.47})");
  EXPECT_EQ(hear(datagram("B", 1532031641, 1)), "");
  EXPECT_EQ(hear(datagram("AB", 1532031642, 1)), "");
  EXPECT_EQ(wind.foreign(), 3U);
  wind.polled("", 0);  // it does not say who it is
  EXPECT_EQ(hear(datagram("A", 1532031643, 1)), "");
}

// With more than three transmitters there are several datagrams of one second.
TEST_F(WeatherlinkWindTest, EachDatagramIsHeardOnceHoweverManyWaysItComes) {
  wind.polled("A", 0);
  for (const int txid : {1, 4, 7}) EXPECT_NE(hear(datagram("A", 1532031640, txid)), "") << txid;
  for (const int txid : {1, 4, 7}) EXPECT_EQ(hear(datagram("A", 1532031640, txid)), "") << txid;
  EXPECT_EQ(wind.repeated(), 3U);
  EXPECT_NE(hear(datagram("A", 1532031642, 1)), "");
}

TEST_F(WeatherlinkWindTest, TheSecondThatWasPolledIsNotHeardOnceMore) {
  wind.polled("A", 1'532'031'640'000'000'000);
  EXPECT_EQ(hear(datagram("A", 1532031640, 1)), "");
  EXPECT_NE(hear(datagram("A", 1532031642, 1)), "");
  EXPECT_EQ(wind.repeated(), 1U);
}

TEST_F(WeatherlinkWindTest, WhatTheSinkRefusedIsNoRepeat) {
  wind.polled("A", 0);
  const auto first = hear(datagram("A", 1532031640, 1));
  EXPECT_EQ(hear(datagram("A", 1532031640, 1), true), first);
  EXPECT_EQ(wind.repeated(), 0U);
}

TEST_F(WeatherlinkWindTest, WhatCannotBeReadIsAnErrorAndNoRepeat) {
  wind.polled("A", 0);
  EXPECT_EQ(hear("{"), "!json_syntax");
  EXPECT_EQ(hear("{"), "!json_syntax");
  EXPECT_EQ(wind.repeated() + wind.foreign(), 0U);
}

}  // namespace
}  // namespace weather::sensors
