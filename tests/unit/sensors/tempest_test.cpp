// The messages are those of https://weatherflow.github.io/Tempest/api/udp/v171.
#include "sensors/decoders/tempest.hpp"

#include <gmock/gmock.h>

#include "tests/unit/sensors/said.hpp"

namespace weather::sensors {
namespace {

using testing::HasSubstr;

Decoded tempest(std::string_view payload) {
  Message message;
  message.payload = payload;
  return decode_tempest(message);
}

std::string said(std::string_view payload) {
  return said_of(tempest(payload));
}

constexpr std::string_view obs_st =
    R"({"serial_number":"ST-00000512","type":"obs_st","hub_sn":"HB-00013030",)"
    R"("obs":[[1588948614,0.18,0.22,0.27,144,6,1017.57,22.37,50.26,328,0.03,3,0.000000,0,0,0,2.410,1]],)"
    R"("firmware_revision":129})";

TEST(Tempest, AnObservationOfATempest) {
  EXPECT_EQ(said(obs_st),
            R"(tempest:ST-00000512 2020-05-08T14:36:54Z {"wind_speed_min":0.18,"wind_speed":0.22,)"
            R"("wind_gust":0.27,"wind_direction":144,"wind_sample_interval_s":6,"pressure":1017.57,)"
            R"("temperature":22.37,"humidity":50.26,"illuminance":328,"uv_index":0.03,"solar_radiation":3,)"
            R"("rain_1m":0,"precipitation_type":0,"lightning_count":0,"battery_voltage":2.41,)"
            R"("report_interval_min":1,"hub_sn":"HB-00013030"})");
  const auto reading = tempest(obs_st)->at(0);
  EXPECT_EQ(reading.source().adapter(), "tempest");
  EXPECT_EQ(reading.source().firmware(), "129");
  EXPECT_EQ(reading.quantities(1).stat(), v1::STAT_MEAN);
}

TEST(Tempest, AnObservationOfAnAir) {
  EXPECT_EQ(said(R"({"serial_number":"AR-00004049","type":"obs_air","hub_sn":"HB-00000001",)"
                 R"("obs":[[1493164835,835.0,10.0,45,0,0,3.46,1]],"firmware_revision":17})"),
            R"(tempest:AR-00004049 2017-04-26T00:00:35Z {"pressure":835,"temperature":10,"humidity":45,)"
            R"("lightning_count":0,"battery_voltage":3.46,"report_interval_min":1,"hub_sn":"HB-00000001"})");
}

TEST(Tempest, AnObservationOfASkyWithAMissingValue) {
  EXPECT_EQ(said(R"({"serial_number":"SK-00008453","type":"obs_sky","hub_sn":"HB-00000001",)"
                 R"("obs":[[1493321340,9000,10,0.0,2.6,4.6,7.4,187,3.12,1,130,null,0,3]],)"
                 R"("firmware_revision":29})"),
            R"(tempest:SK-00008453 2017-04-27T19:29:00Z {"illuminance":9000,"uv_index":10,"rain_1m":0,)"
            R"("wind_speed_min":2.6,"wind_speed":4.6,"wind_gust":7.4,"wind_direction":187,)"
            R"("battery_voltage":3.12,"report_interval_min":1,"solar_radiation":130,"rain_daily":null,)"
            R"("precipitation_type":0,"wind_sample_interval_s":3,"quality":{"rain_daily":"missing"},)"
            R"("hub_sn":"HB-00000001"})");
}

TEST(Tempest, RapidWindAndEvents) {
  EXPECT_EQ(said(R"({"serial_number":"SK-00008453","type":"rapid_wind","hub_sn":"HB-00000001",)"
                 R"("ob":[1493322445,2.3,128]})"),
            R"(tempest:SK-00008453 2017-04-27T19:47:25Z )"
            R"({"wind_speed":2.3,"wind_direction":128,"hub_sn":"HB-00000001"})");
  EXPECT_EQ(said(R"({"serial_number":"AR-00004049","type":"evt_strike","hub_sn":"HB-00000001",)"
                 R"("evt":[1493322445,27,3848]})"),
            R"(tempest:AR-00004049 2017-04-27T19:47:25Z )"
            R"({"lightning_distance":27,"lightning_energy":3848,"hub_sn":"HB-00000001"})");
  EXPECT_EQ(said(R"({"serial_number":"SK-00008453","type":"evt_precip","hub_sn":"HB-00000001",)"
                 R"("evt":[1493322445]})"),
            R"(tempest:SK-00008453 2017-04-27T19:47:25Z {"rain_start":true,"hub_sn":"HB-00000001"})");
}

TEST(Tempest, TheStatusOfADeviceAndOfTheHub) {
  EXPECT_EQ(
      said(R"({"serial_number":"AR-00004049","type":"device_status","hub_sn":"HB-00000001",)"
           R"("timestamp":1510855923,"uptime":2189,"voltage":3.50,"firmware_revision":17,"rssi":-17,)"
           R"("hub_rssi":-87,"sensor_status":0,"debug":0})"),
      R"(tempest:AR-00004049 2017-11-16T18:12:03Z {"uptime_s":2189,"battery_voltage":3.5,)"
      R"("hub_rssi_dBm":-87,"signal_strength":-17,"hub_sn":"HB-00000001","sensor_status":0,"debug":0})");
  constexpr std::string_view hub =
      R"({"serial_number":"HB-00000001","type":"hub_status","firmware_revision":"35","uptime":1670133,)"
      R"("rssi":-62,"timestamp":1495724691,"reset_flags":"BOR,PIN,POR","seq":48,"fs":[1,0,15675411,524288],)"
      R"("radio_stats":[2,1,0,3,2839],"mqtt_stats":[1,0]})";
  EXPECT_EQ(said(hub),
            R"(tempest:HB-00000001 2017-05-25T15:04:51Z {"uptime_s":1670133,"signal_strength":-62,)"
            R"("reset_flags":"BOR,PIN,POR","seq":48,"fs":[1,0,15675411,524288],)"
            R"("radio_stats":[2,1,0,3,2839],"mqtt_stats":[1,0]})");
  EXPECT_EQ(tempest(hub)->at(0).source().firmware(), "35");
}

// A storm far away is no distance, and neither is the average of no strikes.
TEST(Tempest, ADistanceThatIsNone) {
  const auto far = tempest(R"({"serial_number":"ST-1","type":"evt_strike","evt":[1493322445,63,100]})");
  ASSERT_TRUE(far);
  const auto& distance = far->at(0).quantities(0);
  EXPECT_EQ(distance.name(), "lightning_distance");
  EXPECT_EQ(distance.value_case(), v1::Quantity::VALUE_NOT_SET);
  EXPECT_EQ(distance.quality(), v1::QUALITY_MISSING);
  EXPECT_EQ(distance.qc(), static_cast<std::uint32_t>(v1::QC_SENTINEL));
  EXPECT_EQ(distance.src_value(), 63);
  EXPECT_THAT(said(R"({"serial_number":"AR-1","type":"obs_air","obs":[[1493164835,835,10,45,2,0,3.46,1]]})"),
              HasSubstr(R"("lightning_count":2,"lightning_distance":0)"));
  EXPECT_THAT(said(R"({"serial_number":"AR-1","type":"obs_air","obs":[[1493164835,835,10,45,0,9,3.46,1]]})"),
              HasSubstr(R"("lightning_count":0,"lightning_distance":9)"));
}

TEST(Tempest, EachObservationIsAReadingAndWhatIsNewStays) {
  EXPECT_EQ(said(R"({"serial_number":"AR-1","type":"obs_air","obs":[[1493164835,835.0],)"
                 R"([1493164895,"835.5",null,45,1,5,3.46,1,"new"]],"new":{"a":[1]}})"),
            "tempest:AR-1 2017-04-26T00:00:35Z {\"pressure\":835,\"new\":{\"a\":[1]}}\n"
            R"(tempest:AR-1 2017-04-26T00:01:35Z {"pressure":835.5,"temperature":null,"humidity":45,)"
            R"("lightning_count":1,"lightning_distance":5,"battery_voltage":3.46,"report_interval_min":1,)"
            R"("quality":{"temperature":"missing"},"obs_8":"new"})");
}

TEST(Tempest, WhatIsNoneIsRefusedAndOtherMessagesArePassedOver) {
  EXPECT_EQ(said("[]"), "!not_tempest");
  EXPECT_EQ(said(R"({"serial_number":"ST-1"})"), "!not_tempest");
  EXPECT_EQ(said(R"({"type":"obs_st","obs":[[1,2]]})"), "!no_sensor_id");
  EXPECT_EQ(said(R"({"type":"obs_st","serial_number":"ST-1"})"), "!not_tempest");
  EXPECT_EQ(said(R"({"type":"obs_st","serial_number":"ST-1","obs":[[1588948614,2],3]})"), "!not_tempest");
  EXPECT_EQ(said(R"({"type":"obs_st","serial_number":"ST-1","obs":[]})"), "!no_quantity");
  EXPECT_EQ(said(R"({"type":"obs_st","serial_number":"ST-1","obs":[[1588948614]]})"), "!no_quantity");
  EXPECT_EQ(said(R"({"type":"obs_new","serial_number":"ST-1","obs":[[1588948614]]})"), "!unknown_type");
  EXPECT_EQ(said(R"({"type":"light_debug","serial_number":"SK-1","ob":[1588948614,1]})"), "");
}

}  // namespace
}  // namespace weather::sensors
