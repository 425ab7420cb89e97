// The messages are those of https://weatherlink.github.io/weatherlink-live-local-api, without its comments.
#include "sensors/decoders/weatherlink.hpp"

#include <gmock/gmock.h>

#include "sensors/reading/builder.hpp"
#include "sensors/reading/time.hpp"
#include "tests/unit/sensors/said.hpp"

namespace weather::sensors {
namespace {

using testing::HasSubstr;

Decoded decode(std::string_view payload) {
  Message message;
  message.payload = payload;
  return decode_weatherlink(message);
}

std::string said(std::string_view payload) {
  return said_of(decode(payload));
}

constexpr std::string_view conditions =
    R"({"data":{"did":"001D0A700002","ts":1531754005,"conditions":[)"
    R"({"lsid":48308,"data_structure_type":1,"txid":1,"temp":62.7,"hum":1.1,"dew_point":-0.3,"wet_bulb":null,)"
    R"("heat_index":5.5,"wind_chill":6.0,"thw_index":5.5,"thsw_index":5.5,"wind_speed_last":2,)"
    R"("wind_dir_last":null,"wind_speed_avg_last_1_min":4,"wind_dir_scalar_avg_last_1_min":15,)"
    R"("wind_speed_avg_last_2_min":42606,"wind_dir_scalar_avg_last_2_min":170.7,"wind_speed_hi_last_2_min":8,)"
    R"("wind_dir_at_hi_speed_last_2_min":0.0,"wind_speed_avg_last_10_min":42606,)"
    R"("wind_dir_scalar_avg_last_10_min":4822.5,"wind_speed_hi_last_10_min":8,)"
    R"("wind_dir_at_hi_speed_last_10_min":0.0,"rain_size":2,"rain_rate_last":0,"rain_rate_hi":null,)"
    R"("rainfall_last_15_min":null,"rain_rate_hi_last_15_min":0,"rainfall_last_60_min":null,)"
    R"("rainfall_last_24_hr":null,"rain_storm":null,"rain_storm_start_at":null,"solar_rad":747,"uv_index":5.5,)"
    R"("rx_state":2,"trans_battery_flag":0,"rainfall_daily":63,"rainfall_monthly":63,"rainfall_year":63,)"
    R"("rain_storm_last":null,"rain_storm_last_start_at":null,"rain_storm_last_end_at":null},)"
    R"({"lsid":3187671188,"data_structure_type":2,"txid":3,"temp_1":null,"temp_2":null,"temp_3":null,)"
    R"("temp_4":null,"moist_soil_1":null,"moist_soil_2":null,"moist_soil_3":null,"moist_soil_4":null,)"
    R"("wet_leaf_1":null,"wet_leaf_2":null,"rx_state":null,"trans_battery_flag":null},)"
    R"({"lsid":48307,"data_structure_type":4,"temp_in":78.0,"hum_in":41.1,"dew_point_in":7.8,)"
    R"("heat_index_in":8.4},)"
    R"({"lsid":48306,"data_structure_type":3,"bar_sea_level":30.008,"bar_trend":null,"bar_absolute":30.008}]},)"
    R"("error":null})";

double number(const Reading& reading, std::string_view name, std::string_view part, v1::Stat stat) {
  const auto* const quantity = find_taken(reading, name, part, stat);
  double value = -1;
  EXPECT_TRUE(quantity != nullptr && numeric_value(*quantity, value)) << name << " " << part;
  return value;
}

// 63 tips of 0.2 mm are 12.6 mm; 62.7 degF are 17.06 Cel, 8 mph are 3.58 m/s, 30.008 inHg are 1016.19 hPa.
TEST(Weatherlink, TheCurrentConditionsAreAReadingForEachTransmitterAndOneForTheBox) {
  const auto readings = decode(conditions);
  ASSERT_TRUE(readings) << readings.error().text;
  ASSERT_EQ(readings->size(), 3U);
  const auto& suite = readings->at(0);
  EXPECT_EQ(suite.sensor_id(), "davis:001D0A700002:1");
  EXPECT_EQ(suite.source().adapter(), "weatherlink");
  EXPECT_EQ(format_time(static_cast<std::int64_t>(suite.event_time_ns())), "2018-07-16T15:13:25Z");
  EXPECT_NEAR(number(suite, "air_temperature", "", v1::STAT_INSTANT), 17.06, 0.05);
  EXPECT_NEAR(number(suite, "wind_speed_of_gust", "10m", v1::STAT_MAX), 3.58, 0.05);
  EXPECT_EQ(number(suite, "wind_from_direction", "1m", v1::STAT_MEAN), 15);
  EXPECT_EQ(number(suite, rain, "daily", v1::STAT_COUNTER), 12.6);
  EXPECT_EQ(number(suite, "rainfall_rate", "15m", v1::STAT_MAX), 0);
  EXPECT_EQ(number(suite, "surface_downwelling_shortwave_flux_in_air", "", v1::STAT_INSTANT), 747);
  EXPECT_EQ(find_taken(suite, "wet_bulb_temperature")->quality(), v1::QUALITY_MISSING);
  EXPECT_EQ(suite.extra_json(), R"({"lsid":48308,"data_structure_type":1,"rain_size":2,"rx_state":2})");
  EXPECT_EQ(readings->at(1).sensor_id(), "davis:001D0A700002:3");
  EXPECT_EQ(readings->at(1).quantities_size(), 10);
  EXPECT_EQ(readings->at(1).quantities(9).quality(), v1::QUALITY_MISSING);
  const auto& box = readings->at(2);
  EXPECT_EQ(box.sensor_id(), "davis:001D0A700002");
  EXPECT_NEAR(number(box, "air_pressure", "", v1::STAT_INSTANT), 1016.19, 0.05);
  EXPECT_NEAR(number(box, "air_temperature", "indoor", v1::STAT_INSTANT), 25.56, 0.05);
  EXPECT_EQ(box.extra_json(),
            R"({"lsid":48307,"data_structure_type":4,"lsid_2":48306,"data_structure_type_2":3})");
}

// It is not heard any more, and says its last values again.
TEST(Weatherlink, WhatALostTransmitterSaidLastIsDoubtful) {
  const auto suite = decode(conditions)->at(0);
  EXPECT_NE(suite.flags() & v1::FLAG_REPEATED, 0U);
  EXPECT_EQ(find_taken(suite, "air_temperature")->quality(), v1::QUALITY_DOUBTFUL);
  EXPECT_EQ(find_taken(suite, "air_temperature")->qc(), static_cast<std::uint32_t>(v1::QC_PERSISTENCE));
  const auto heard = decode(R"({"did":"A","conditions":[{"txid":1,"temp":68,"rx_state":1}]})")->at(0);
  EXPECT_EQ(heard.flags(), 0U);
  EXPECT_EQ(heard.quantities(0).quality(), v1::QUALITY_UNCHECKED);
}

TEST(Weatherlink, TheBroadcastHasNamesOfItsOwn) {
  EXPECT_EQ(
      said(R"({"did":"001D0A700002","ts":1532031640,"conditions":[{"lsid":3187671188,)"
           R"("data_structure_type":1,"txid":1,"wind_speed_last":0.08,"wind_dir_last":26.7,"rain_size":2,)"
           R"("rain_rate_last":0,"rain_15_min":0,"rain_60_min":2,"rain_24_hr":4,"rain_storm":4,)"
           R"("rain_storm_start_at":1553187540,"rainfall_daily":63,"rainfall_monthly":63,)"
           R"("rainfall_year":63,"wind_speed_hi_last_10_min":null,)"
           R"("wind_dir_at_hi_speed_last_10_min":null}]})"),
      R"(davis:001D0A700002:1 2018-07-19T20:20:40Z {"wind_speed":0.036,"wind_direction":26.7,)"
      R"("rain_rate":0,"rain_15m":0,"rain_hourly":0.4,"rain_24h":0.8,"rain_storm":0.8,)"
      R"("rain_storm_start_at_s":1553187540,"rain_daily":12.6,"rain_monthly":12.6,"rain_yearly":12.6,)"
      R"("wind_gust_max_10m":null,"wind_gust_direction_10m":null,)"
      R"("quality":{"wind_gust_max_10m":"missing","wind_gust_direction_10m":"missing"},)"
      R"("lsid":3187671188,"data_structure_type":1,"rain_size":2})");
}

// 3 tips: 0.03 in are 0.762 mm, 0.6 mm, 0.3 mm, 0.003 in are 0.0762 mm.
TEST(Weatherlink, ATipIsWhatRainSizeSays) {
  const std::pair<const char*, const char*> sizes[] = {
      {"1", R"("rain_daily":0.762,"rain_rate":0.762)"},    {"2", R"("rain_daily":0.6,"rain_rate":0.6)"},
      {"3", R"("rain_daily":0.3,"rain_rate":0.3)"},        {"4", R"("rain_daily":0.0762,"rain_rate":0.0762)"},
      {"0", R"("rainfall_daily":3,"rain_rate_last":3)"},   {"9", R"("rainfall_daily":3,"rain_rate_last":3)"},
      {"null", R"("rainfall_daily":3,"rain_rate_last":3)"}};
  for (const auto& [size, right] : sizes)
    EXPECT_THAT(said(R"({"did":"A","conditions":[{"txid":1,"hum":50,"rainfall_daily":3,"rain_rate_last":3,)"
                     R"("rain_size":)" +
                     std::string(size) + "}]}"),
                HasSubstr(right))
        << size;
}

TEST(Weatherlink, SoilLeafAndBattery) {
  EXPECT_EQ(said(R"({"did":"A","ts":1531754005,"conditions":[{"txid":3,"temp_2":68,"moist_soil_4":12,)"
                 R"("wet_leaf_1":7,"trans_battery_flag":1}]})"),
            R"(davis:A:3 2018-07-16T15:13:25Z {"soil_temperature_2":20,"soil_water_tension_4_kPa":12,)"
            R"("leaf_wetness_index_1":7,"battery_low":true})");
}

TEST(Weatherlink, WhatIsNoneIsRefusedAndAnErrorIsSaid) {
  EXPECT_EQ(said("[]"), "!not_weatherlink");
  EXPECT_EQ(said("{}"), "!not_weatherlink");
  EXPECT_EQ(said(R"({"conditions":[]})"), "!no_sensor_id");
  EXPECT_EQ(said(R"({"did":"A","conditions":[]})"), "!no_quantity");
  EXPECT_EQ(said(R"({"did":"A","conditions":[{"txid":1}]})"), "!no_quantity");
  EXPECT_EQ(said(R"({"did":"A","conditions":[1]})"), "!not_weatherlink");
  const auto error = decode(
      R"({"data":null,"error":{"code":409,"message":"No ISS Transmitters. Real Time broadcast not enabled"}})");
  EXPECT_EQ(error.error().reason, "weatherlink_error");
  EXPECT_THAT(error.error().text, HasSubstr("No ISS Transmitters"));
  EXPECT_EQ(said(R"({"data":{"broadcast_port":22222,"duration":70},"error":null})"), "");
}

}  // namespace
}  // namespace weather::sensors
