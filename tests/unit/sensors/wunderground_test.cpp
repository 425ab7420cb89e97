#include "sensors/decoders/wunderground.hpp"

#include <gmock/gmock.h>

#include "sensors/reading/builder.hpp"
#include "sensors/reading/render.hpp"
#include "sensors/reading/time.hpp"

namespace weather::sensors {
namespace {

using testing::HasSubstr;
using testing::Not;

Decoded wunderground(std::string_view query) {
  Message message;
  message.payload = query;
  return decode_wunderground(message);
}

double value(const Reading& reading, std::string_view name, std::string_view part = {}) {
  double number = -1e9;
  const auto* const quantity = find_quantity(reading, name, part);
  EXPECT_NE(quantity, nullptr) << name << ' ' << part;
  EXPECT_TRUE(quantity == nullptr || numeric_value(*quantity, number));
  return number;
}

TEST(Wunderground, AnObserversUploadIsRead) {
  const Reading reading =
      wunderground(
          "ID=KXXX1&PASSWORD=hunter2&tempf=43.3&humidity=98&dewptf=42.8&winddir=129&windspeedmph=0.00"
          "&windgustmph=0.00&rainin=0.00&dailyrainin=0.04&baromin=29.05&solarradiation=0.00&UV=3&indoortempf="
          "76.5"
          "&dateutc=2016-1-4%2021:2:35&softwaretype=Weather%20logger%20V2.1.9&action=updateraw&realtime=1&"
          "rtfreq=5")
          .value()
          .at(0);
  EXPECT_EQ(reading.sensor_id(), "wunderground:KXXX1");
  EXPECT_EQ(format_time(static_cast<std::int64_t>(reading.event_time_ns())), "2016-01-04T21:02:35Z");
  EXPECT_NEAR(value(reading, "air_temperature"), 6.3, 0.001);
  EXPECT_NEAR(value(reading, "air_temperature", "indoor"), 24.7, 0.001);
  EXPECT_NEAR(value(reading, "air_pressure_at_mean_sea_level"), 983.7, 0.001);
  EXPECT_EQ(value(reading, "ultraviolet_index"), 3) << "UV is written in capitals";
  EXPECT_NEAR(value(reading, "thickness_of_rainfall_amount", "daily"), 1.016, 1e-9);
  EXPECT_EQ(find_quantity(reading, "thickness_of_rainfall_amount", "hourly")->period_s(), 3600U);
  EXPECT_EQ(reading.source().firmware(), "Weather logger V2.1.9");
  EXPECT_THAT(reading.SerializeAsString(), Not(HasSubstr("hunter2")));
  EXPECT_EQ(reading.extra_json(), R"({"realtime":1,"rtfreq":5})");
}

TEST(Wunderground, TheAspStyleHasMetricNames) {
  const Reading reading =
      wunderground(
          "id=KY&key=s3cret&outtemp=12.5&outhumi=81&absbaro=998.1&dailyrain=2.4&windspeed=3.1&dateutc=now")
          .value()
          .at(0);
  EXPECT_EQ(render_value_json(reading),
            R"({"temperature":12.5,"humidity":81,"pressure":998.1,"rain_daily":2.4,"wind_speed":3.1})");
  EXPECT_EQ(reading.event_time_ns(), 0U);
}

TEST(Wunderground, AnAcuriteBridgesSensorsAreToldApartAndTheirPacketsArePartial) {
  const auto wind_and_rain = wunderground(
      "dateutc=now&action=updateraw&realtime=1&id=24C86E060000&mt=5N1x31&sensor=00002719&windspeedmph=5"
      "&winddir=270&rainin=0.00&dailyrainin=0.10&battery=normal&rssi=3");
  const auto wind_and_temperature = wunderground(
      "dateutc=now&action=updateraw&realtime=1&id=24C86E060000&mt=5N1x38&sensor=00002719&windspeedmph=6"
      "&humidity=55&tempf=68&battery=low&rssi=3");
  const auto tower =
      wunderground("dateutc=now&id=24C86E060000&mt=tower&sensor=00012345&humidity=44&tempf=50&rssi=2");
  EXPECT_EQ(wind_and_rain->at(0).sensor_id(), "wunderground:24C86E060000:00002719");
  EXPECT_EQ(wind_and_temperature->at(0).sensor_id(), wind_and_rain->at(0).sensor_id());
  EXPECT_EQ(tower->at(0).sensor_id(), "wunderground:24C86E060000:00012345");
  EXPECT_EQ(find_quantity(wind_and_rain->at(0), "air_temperature"), nullptr);
  EXPECT_EQ(value(wind_and_temperature->at(0), "air_temperature"), 20);
  EXPECT_NE(wind_and_temperature->at(0).flags() & v1::FLAG_BATTERY_LOW, 0U);
  EXPECT_FALSE(wind_and_rain->at(0).link().has_rssi_dbm()) << "0 to 4 bars are no dBm";
}

TEST(Wunderground, Minus9999IsMissing) {
  EXPECT_EQ(render_value_json(wunderground("ID=K&tempf=-9999&humidity=50").value().at(0)),
            R"({"temperature":null,"humidity":50,"quality":{"temperature":"missing"}})");
}

TEST(Wunderground, WhatIsNoUploadIsRefused) {
  EXPECT_EQ(wunderground("").error().reason, "empty");
  EXPECT_EQ(wunderground("tempf=1").error().reason, "no_sensor_id");
  EXPECT_EQ(wunderground("ID=K&action=updateraw").error().reason, "no_quantity");
}

// Issue 17: one odd field does not decide the units of all.
TEST(Wunderground, ABarometerThatIsNotThereSaysNothingAboutTheUnits) {
  EXPECT_EQ(
      render_value_json(wunderground("ID=K&tempf=68&baromin=65535&ptempf=70.9&phumidity=40").value().at(0)),
      R"({"temperature":20,"pressure_sea_level":null,"temperature_probe":21.6,"humidity_probe":40,"quality":{"pressure_sea_level":"missing"}})");
}

}  // namespace
}  // namespace weather::sensors
