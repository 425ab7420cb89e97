#include "sensors/csv/campbell.hpp"

#include <gmock/gmock.h>

#include "sensors/csv/formats.hpp"
#include "tests/unit/sensors/said.hpp"

namespace weather::sensors {
namespace {

using testing::HasSubstr;

Decoded decode(std::string_view payload, const DecoderSettings& settings = {}) {
  Registry registry;
  add_tables(registry);
  Message message;
  message.payload = payload;
  return registry.make("campbell", settings).value()(message);
}

// Key, time and value, a line for each reading; or the reason.
std::string said(std::string_view payload, const DecoderSettings& settings = {}) {
  return said_of(decode(payload, settings));
}

// CR800 manual, "CSIJSON"; LoggerNet manual, appendix B.1.8.3.
constexpr std::string_view csijson =
    R"({"head":{"transaction":0,"signature":38611,"environment":{"station_name":"11467","table_name":"Test",)"
    R"("model":"CR1000","serial_no":"11467","os_version":"CR1000.Std.21.03",)"
    R"("prog_name":"CPU:file format.CR1"},"fields":[{"name":"batt_volt_Min","type":"xsd:float",)"
    R"("process":"Min"},{"name":"PTemp","type":"xsd:float","process":"Smp"}]},)"
    R"("data":[{"time":"2011-01-06T15:04:15","no":0,"vals":[13.28,21.29]},)"
    R"({"time":"2011-01-06T15:04:30","no":1,"vals":[13.27,21.3]}]})";

// 13.28 V and 21.29: PTemp, the panel's own temperature, is no name of the air's.
TEST(Campbell, EachRecordOfCsijsonIsAReading) {
  EXPECT_EQ(said(csijson, {{"zone", "+02:00"}}),
            R"(campbell:11467:Test 2011-01-06T13:04:15Z {"PTemp":21.29,"battery_voltage":13.28,)"
            R"("serial_no":"11467","prog_name":"CPU:file format.CR1"})"
            "\n"
            R"(campbell:11467:Test 2011-01-06T13:04:30Z {"PTemp":21.3,"battery_voltage":13.27})");
  const auto readings = decode(csijson, {{"zone", "UTC"}});
  ASSERT_TRUE(readings) << readings.error().text;
  EXPECT_EQ(readings->at(0).source().adapter(), "campbell");
  EXPECT_EQ(readings->at(0).source().model(), "CR1000");
  EXPECT_EQ(readings->at(1).source().firmware(), "CR1000.Std.21.03");
  EXPECT_EQ(readings->at(1).source_sequence(), 2U);
}

// 68.2 degF are 20.1 Cel, 10 mph are 4.47 m/s.
TEST(Campbell, UnitsAndShortCutsNamesAreThoseOfToa5) {
  EXPECT_EQ(
      said(R"({"head":{"environment":{"station_name":"roof","table_name":"Hourly"},"fields":[)"
           R"({"name":"AirTF_Avg","type":"xsd:float","units":"DegF","process":"Avg","settable":false},)"
           R"({"name":"WS_mph_S_WVT","units":"miles/hour","process":"WVc"},)"
           R"({"name":"WindDir_D1_WVT","units":"degrees","process":"WVc"},)"
           R"({"name":"BP_mbar","units":"mbar","process":"Smp"},)"
           R"({"name":"Rain_mm_Tot","units":"mm","process":"Tot"},)"
           R"({"name":"RH","units":"furlong","process":"Max"}]},)"
           R"("data":[{"time":"2024-10-03T19:42:00Z","no":17,"vals":[68.2,10,177.3,1013.2,"0.2","NAN"]}]})"),
      R"(campbell:roof:Hourly 2024-10-03T19:42:00Z {"temperature_avg":20.1,"wind_speed_avg":4.47,)"
      R"("wind_direction_avg":177.3,"pressure":1013.2,"rain":0.2,"humidity":null,)"
      R"("quality":{"humidity":"missing"},"wind_speed_Avg_process":"WVc",)"
      R"("wind_direction_Avg_process":"WVc","RH_units":"furlong","RH_process":"Max"})");
}

constexpr std::string_view without_zone =
    R"({"head":{"environment":{"station_name":"roof","table_name":"T"},"fields":[{"name":"RH"}]},)"
    R"("data":[{"time":"2024-10-03T19:42:00","vals":[55]}]})";

// The arrival counts for one record; several would all have arrived at once.
TEST(Campbell, ATimeWithoutAZone) {
  EXPECT_EQ(said(without_zone), R"(campbell:roof:T - {"humidity":55,"time":"2024-10-03T19:42:00"})");
  EXPECT_EQ(said(without_zone, {{"zone", "-03:00"}}),
            R"(campbell:roof:T 2024-10-03T22:42:00Z {"humidity":55})");
  EXPECT_EQ(said(csijson), "!campbell_time");
  Registry registry;
  add_tables(registry);
  EXPECT_THAT(registry.make("campbell", {{"zone", "Mars"}}).error(), HasSubstr("zone"));
  EXPECT_THAT(registry.make("campbell", {{"id", "x"}}).error(), HasSubstr("\"id\""));
}

// The message that wis2box's subscriber is tested with. 293.9 K are 20.75 Cel.
TEST(Campbell, GeoJsonOfALogger) {
  EXPECT_EQ(
      said(
          R"({"type":"Feature","geometry":{"type":"Point","coordinates":[28.320101,-15.4158,1280]},"properties":{"loggerID":"CR1000X_34769","observationNames":["WMO_Block","Station_ID","Station_Name","WMO_Station_Type","M_Year","M_Month","M_DayOfMonth","M_HourOfDay","M_Minutes","Latitude","Longitude","Elevation","BP_Elevation","BP","QNH","BP_Change","BP_Tendency","Temp_H","AirTempK","DewPointTempK","RH","Sun_hr","SunHrs","Sun_hr24","SunHrs24","Rain_H","Rain_hr","Rain_mm_Tot","Temp_hr24","Temp24T","AirTempMaxK","AirTempMinK","WSpeed_height","Wind_Type","Wind_Sig","Wind_T","WSpeed","WindDir","WSpeed10M_Avg","WindG_Sig","WindGust","Solar_hr","SlrJ","Solar_hr24","SlrJ24"],"observations":{"2023-04-28T15:32:00Z":[-1,"0-0-0-MetDptWIS2Test","MetDpt-WIS2Test","0",2023,4,28,13,32,-15.42,28.32,1280,137,100260,101904.1,0,4,4,293.9,284.5,54.8,-1,1,-24,139.5,4,-1,0,-24,0,294.8,287.4,4,"0",2,-10,0.515,177.3,0.855,"None",2.46,-1,31010,-24,7732440]}}})"),
      R"(campbell:CR1000X_34769 2023-04-28T15:32:00Z {"WMO_Block":-1,"WMO_Station_Type":0,"M_Year":2023,)"
      R"("M_Month":4,"M_DayOfMonth":28,"M_HourOfDay":13,"M_Minutes":32,"Latitude":-15.42,"Longitude":28.32,)"
      R"("Elevation":1280,"BP_Elevation":137,"BP":100260,"QNH":101904.1,"BP_Change":0,"BP_Tendency":4,)"
      R"("Temp_H":4,"temperature":20.75,"DewPointTempK":284.5,"humidity":54.8,"Sun_hr":-1,"SunHrs":1,)"
      R"("Sun_hr24":-24,"SunHrs24":139.5,"Rain_H":4,"Rain_hr":-1,"rain":0,"Temp_hr24":-24,"Temp24T":0,)"
      R"("AirTempMaxK":294.8,"AirTempMinK":287.4,"WSpeed_height":4,"Wind_Type":0,"Wind_Sig":2,"Wind_T":-10,)"
      R"("WSpeed":0.515,"wind_direction":177.3,"WSpeed10M_Avg":0.855,"WindG_Sig":null,"wind_gust":2.46,)"
      R"("Solar_hr":-1,"SlrJ":31010,"Solar_hr24":-24,"SlrJ24":7732440,"latitude":-15.4158,)"
      R"("longitude":28.320101,"altitude":1280,"quality":{"WindG_Sig":"missing"},)"
      R"("Station_ID":"0-0-0-MetDptWIS2Test","Station_Name":"MetDpt-WIS2Test"})");
}

// As the logger answers a request for its public table, and as older manuals write the properties.
TEST(Campbell, GeoJsonOfALoggerThatWasNotToldWhereItStands) {
  EXPECT_EQ(said(R"({"type":"Feature","geometry":{"type":"Point","coordinates":[0.0,0.0,0.0]},"properties":{)"
                 R"("loggerID":"7GY3-DZYK-KBWF","publish_ts":"2025-09-17T14:54:37.146Z","observationNames":[)"
                 R"("battery_level","logger_temp","extreme_temperature","message"],"observations":{)"
                 R"("2025-09-17T14:54:37.146Z":[13.60355,72.35591,false,"72.36 : It is comfortable"]}}})"),
            R"(campbell:7GY3-DZYK-KBWF 2025-09-17T14:54:37.146Z {"logger_temp_C":72.35591,)"
            R"("battery_level":13.6036,"extreme_temperature":false,"message":"72.36 : It is comfortable",)"
            R"("geometry":{"type":"Point","coordinates":[0,0,0]},"publish_ts":"2025-09-17T14:54:37.146Z"})");
  EXPECT_EQ(
      said(R"({"type":"Feature","geometry":{"type":"Point","coordinates":["28.5","-15.5","1280"]},)"
           R"("Properties":{"loggerID":"CR1000X_400","observationNames":["batteryVolt","AirTC"],)"
           R"("observationUnits":["Volts","DegF"],)"
           R"("observations":{"2019-02-28T19:00:00.0Z":[13.67,68],"2019-02-28T20:00:00.0Z":[13.6,50]}}})"),
      R"(campbell:CR1000X_400 2019-02-28T19:00:00Z {"temperature":20,"latitude":-15.5,)"
      R"("longitude":28.5,"altitude":1280,"battery_voltage":13.67})"
      "\n"
      R"(campbell:CR1000X_400 2019-02-28T20:00:00Z {"temperature":10,"latitude":-15.5,)"
      R"("longitude":28.5,"altitude":1280,"battery_voltage":13.6})");
}

TEST(Campbell, WhatIsNoneIsRefused) {
  EXPECT_EQ(said("[]"), "!not_campbell");
  EXPECT_EQ(said(R"({"type":"Feature","properties":{"a":1}})"), "!not_campbell");
  EXPECT_EQ(said(R"({"head":{"signature":1},"data":[]})"), "!not_campbell");
  EXPECT_EQ(said(R"({"head":{"environment":{"station_name":"roof"},"fields":[]},"data":[]})"),
            "!no_sensor_id");
  const auto with = [](const std::string& data) {
    return said(
        R"({"head":{"environment":{"serial_no":"1","table_name":"T"},"fields":[{"name":"RH"}]},"data":)" +
        data + "}");
  };
  EXPECT_EQ(with("[]"), "!no_quantity");
  EXPECT_EQ(with(R"([{"time":"2024-10-03T19:42:00Z","vals":[1,2]}])"), "!campbell_columns");
  EXPECT_EQ(with(R"([{"time":"yesterday","vals":[1]}])"), "!campbell_time");
  EXPECT_EQ(with(R"([{"vals":[1]}])"), "!not_campbell");
  EXPECT_EQ(with(R"([{"time":"2024-10-03T19:42:00Z","vals":[1],"more":2}])"),
            R"(campbell:1:T 2024-10-03T19:42:00Z {"humidity":1,"more":2})");
}

}  // namespace
}  // namespace weather::sensors
