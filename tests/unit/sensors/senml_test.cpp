#include "sensors/decoders/senml.hpp"

#include <gmock/gmock.h>

#include "sensors/reading/render.hpp"
#include "sensors/reading/time.hpp"

namespace weather::sensors {
namespace {

using testing::HasSubstr;

constexpr std::int64_t arrival = 1'758'349'800'000'000'000;

Decoded decode(std::string_view payload) {
  Message message;
  message.payload = payload;
  message.received_ns = arrival;
  return decode_senml(message);
}

std::string time_of(const Reading& reading) {
  return format_time(static_cast<std::int64_t>(reading.event_time_ns()));
}

TEST(SenMl, RecordsOfOneDeviceAndTimeAreOneReading) {
  const auto readings = decode(
      R"([{"bn":"urn:dev:ow:10e2073a01080063:","bt":1.758349800e+09,"n":"temperature","u":"Cel","v":23.1},)"
      R"({"n":"humidity","u":"%RH","v":67},{"n":"open","vb":true},{"n":"label","vs":"roof"}])");
  ASSERT_TRUE(readings) << readings.error().text;
  ASSERT_EQ(readings->size(), 1U);
  EXPECT_EQ(readings->at(0).sensor_id(), "urn:dev:ow:10e2073a01080063");
  EXPECT_EQ(time_of(readings->at(0)), "2025-09-20T06:30:00Z");
  EXPECT_EQ(render_value_json(readings->at(0)),
            R"({"temperature":23.1,"humidity":67,"open":true,"label":"roof"})");
}

TEST(SenMl, BaseValueBaseUnitAndRelativeTimesAreResolved) {
  const auto readings = decode(
      R"([{"bn":"a/","bu":"K","bv":273.15,"n":"temperature","v":20,"t":-10},{"n":"temperature","v":21}])");
  ASSERT_TRUE(readings);
  ASSERT_EQ(readings->size(), 2U);
  EXPECT_EQ(time_of(readings->at(0)), "2025-09-20T06:29:50Z");
  EXPECT_EQ(readings->at(0).quantities(0).number(), 20);
  EXPECT_EQ(readings->at(0).quantities(0).src_unit(), "K");
  EXPECT_EQ(readings->at(1).event_time_ns(), 0U) << "now is the arrival";
}

TEST(SenMl, AWholeNameIsTakenApart) {
  const auto readings = decode(R"([{"n":"urn:dev:mac:0024befffe804ff1/temperature","u":"Cel","v":1}])");
  EXPECT_EQ(readings->at(0).sensor_id(), "urn:dev:mac:0024befffe804ff1");
  EXPECT_EQ(render_value_json(readings->at(0)), R"({"temperature":1})");
  EXPECT_EQ(render_value_json(decode(R"([{"bn":"dev-7","v":1}])")->at(0)), R"({"value":1})");
}

TEST(SenMl, ASumIsAQuantityOfItsOwn) {
  const auto readings = decode(R"([{"bn":"m/","n":"power","u":"W","v":120,"s":3600}])");
  EXPECT_EQ(render_value_json(readings->at(0)), R"({"power_W":120,"power_sum_W_s":3600})");
}

TEST(SenMl, WhatIsNoPackIsRefused) {
  EXPECT_EQ(decode("{}").error().reason, "not_senml");
  EXPECT_EQ(decode("[]").error().reason, "no_quantity");
  EXPECT_EQ(decode("[1]").error().reason, "not_senml");
  EXPECT_EQ(decode(R"([{"bn":"a"}])").error().reason, "no_quantity");
  EXPECT_EQ(decode(R"([{"v":1}])").error().reason, "no_sensor_id");
  EXPECT_EQ(decode(R"([{"bn":"a","bver":11,"v":1}])").error().reason, "senml_version");
  const auto error = decode(R"([{"bn":"a","v":1},{"v":1,"secret_":2}])").error();
  EXPECT_EQ(error.reason, "not_senml");
  EXPECT_THAT(error.text, HasSubstr("record 1: the member \"secret_\" must be understood"));
}

// Issue 17: the key names one device.
TEST(SenMl, AUrnIsCutAfterItsIdentifier) {
  const std::pair<const char*, const char*> cases[] = {
      {R"([{"n":"urn:dev:mac:0024befffe804ff1","u":"Cel","v":23.1}])", R"({"value_C":23.1})"},
      {R"([{"bn":"urn:dev:mac:0024befffe804ff1","u":"Cel","v":23.1}])", R"({"value_C":23.1})"},
      {R"([{"bn":"urn:dev:mac:","n":"0024befffe804ff1/temperature","u":"Cel","v":1}])",
       R"({"temperature":1})"},
      {R"([{"n":"urn:dev:mac:0024befffe804ff1_temperature","u":"Cel","v":1}])", R"({"temperature":1})"},
      {R"([{"bn":"urn:dev:mac:0024befffe804ff1","n":":temperature","u":"Cel","v":"22.5"}])",
       R"({"temperature":22.5})"}};
  for (const auto& [pack, value] : cases) {
    const auto readings = decode(pack);
    ASSERT_TRUE(readings) << pack;
    EXPECT_EQ(readings->at(0).sensor_id(), "urn:dev:mac:0024befffe804ff1") << pack;
    EXPECT_EQ(render_value_json(readings->at(0)), value) << pack;
  }
  EXPECT_EQ(decode(R"([{"bn":"plant/dev-7","v":1}])")->at(0).sensor_id(), "plant/dev-7");
}

}  // namespace
}  // namespace weather::sensors
