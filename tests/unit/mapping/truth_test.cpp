// Every row of what was once read wrongly, family by family, with its right value.
#include <gtest/gtest.h>

#include "tests/unit/mapping/decoded.hpp"

namespace weather::sensors {
namespace {

struct Row {
  std::string_view topic, payload, right;
};

template <std::size_t n>
void expect(std::string_view preset, const Row (&rows)[n]) {
  for (const auto& [topic, payload, right] : rows)
    EXPECT_EQ(decode_preset(preset, topic, payload), right) << topic << " " << payload;
}

TEST(Truth, TheKindOfDeviceComesBeforeItsFields) {
  expect(
      "openmqttgateway",
      {
          {"home/g/BTtoMQTT/A",
           R"({"id":"82:EA:CA:00:00:01","model_id":"TPMS","type":"TIRE","pres":2.227,"tempc":31.96,"tempf":89.528,"batt":83})",
           R"(ble:82:EA:CA:00:00:01: tyre_pressure 2.227 bar, tyre_temperature 31.96 Cel; battery 83%; {"id":"82:EA:CA:00:00:01","model_id":"TPMS","type":"TIRE"})"},
          {"home/g/BTtoMQTT/A",
           R"({"id":"a4c138000002","type":"BBQ","tempc":28,"tempf":82.4,"tempc2":20,"tempf2":68})",
           R"(ble:A4:C1:38:00:00:02: food_temperature 28 Cel, food_temperature[2] 20 Cel; {"id":"a4c138000002","type":"BBQ"})"},
          {"home/g/BTtoMQTT/A",
           R"({"id":"A4:C1:38:00:00:03","type":"UNIQ","model_id":"M1017","tempc":21,"tempf":69.8,"lvl_cm":9.5,"volt":3})",
           R"(ble:A4:C1:38:00:00:03: object_temperature 21 Cel; battery 3 V; {"id":"A4:C1:38:00:00:03","type":"UNIQ","model_id":"M1017","lvl_cm":9.5})"},
          {"home/g/BTtoMQTT/A",
           R"({"id":"A4:C1:38:00:00:04","type":"SCALE","weight":12.3,"unit":"kg","impedance":503})",
           R"(ble:A4:C1:38:00:00:04: weight 12.3 kg; {"id":"A4:C1:38:00:00:04","type":"SCALE","unit":"kg","impedance":503})"},
          {"home/g/BTtoMQTT/A",
           R"({"id":"A4:C1:38:00:00:05","type":"THB","tempc_max":27.25,"tempf_max":81.05,"tempc_min":18.375,"tempf_min":65.075})",
           R"(ble:A4:C1:38:00:00:05: air_temperature 27.25 max, air_temperature 18.375 min; {"id":"A4:C1:38:00:00:05","type":"THB"})"},
          {"home/g/BTtoMQTT/A",
           R"({"id":"A4:C1:38:00:00:06","type":"THBX","tempc":23.2,"tempf":73.76,"tempc2_dp":-19.2,"pres":1007.4})",
           R"(ble:A4:C1:38:00:00:06: air_temperature 23.2, dew_point_temperature -19.2, air_pressure 1007.4; {"id":"A4:C1:38:00:00:06","type":"THBX"})"},
          {"home/g/RTL_433toMQTT/Acurite-Tower/A/11524",
           R"({"model":"Acurite-Tower","id":11524,"channel":"A","battery_ok":1,"temperature_C":6.3,"humidity":96,"rssi":-88})",
           R"(rtl433:Acurite-Tower:A:11524: air_temperature 6.3, relative_humidity 96; battery 100%)"},
          {"home/g/SYStoMQTT", R"({"uptime":3600})", R"(passed over)"},
          {"home/g/LWT", R"(online)", R"(passed over)"},
      });
}

TEST(Truth, Zigbee2MqttNamesFormsAndPlugs) {
  expect(
      "zigbee2mqtt",
      {
          {"zigbee2mqtt/room/garden", R"({"temperature":19.5})",
           R"(zigbee2mqtt:room/garden: air_temperature 19.5)"},
          {"zigbee2mqtt/a/b/c/d", R"({"temperature":19.5})", R"(zigbee2mqtt:a/b/c/d: air_temperature 19.5)"},
          {"zigbee2mqtt/room/garden/temperature", R"(19.5)",
           R"(zigbee2mqtt:room/garden: air_temperature 19.5)"},
          {"zigbee2mqtt/a", R"({"illuminance":22000,"illuminance_lux":157})",
           R"(zigbee2mqtt:a: illuminance 157; {"illuminance_raw":22000})"},
          {"zigbee2mqtt/a", R"({"illuminance":3,"illuminance_lux":168})",
           R"(zigbee2mqtt:a: illuminance 3; {"illuminance_lux":168})"},
          {"zigbee2mqtt/a", R"({"illuminance":0,"illuminance_lux":0})", R"(zigbee2mqtt:a: illuminance 0)"},
          {"zigbee2mqtt/plug", R"({"state":"ON","power":12.5,"voltage":231,"current":0.05})",
           R"(passed over)"},
          {"zigbee2mqtt/plug", R"({"state":"ON","power":12.5,"voltage":231,"temperature":21})",
           R"(zigbee2mqtt:plug: air_temperature 21; {"state":"ON","power":12.5,"voltage":231})"},
          {"zigbee2mqtt/a", R"({"temperature":21,"voltage":3015,"battery":98,"linkquality":100})",
           R"(zigbee2mqtt:a: air_temperature 21; battery 98%; battery 3.015 V; {"linkquality":100})"},
          {"zigbee2mqtt/a", R"({"temperature_1":21,"pm1":3,"external_temperature":4.5})",
           R"(zigbee2mqtt:a: air_temperature[1] 21, pm1 3, air_temperature[external] 4.5)"},
          {"zigbee2mqtt/a/availability", R"({"state":"online"})", R"(passed over)"},
          {"zigbee2mqtt/a", R"()", R"(passed over)"},
          {"zigbee2mqtt/a/state", R"(ON)", R"(passed over)"},
          {"zigbee2mqtt/a/device_temperature", R"(31)", R"(zigbee2mqtt:a: device_temperature 31 Cel)"},
          {"zigbee2mqtt/a/wind_gust", R"(3)", R"(zigbee2mqtt:a: wind_gust_raw 3)"},
          {"zigbee2mqtt/a/temperature", R"(unavailable)", R"(zigbee2mqtt:a: air_temperature null missing)"},
          {"zigbee2mqtt/a", R"({"device_temperature":31,"contact":true,"linkquality":3})", R"(passed over)"},
          {"zigbee2mqtt/a", R"({"rain_intensity":120,"temperature":20})",
           R"(zigbee2mqtt:a: rain_intensity_raw 120, air_temperature 20)"},
      });
}

TEST(Truth, EspHomeNamesAreNeverGuessedIntoAUnit) {
  expect(
      "esphome",
      {
          {"garden/sensor/wind_speed/state", R"(36)", R"(esphome:garden: wind_speed 10)"},
          {"garden/sensor/wind_gust/state", R"(36)", R"(esphome:garden: wind_speed_of_gust 10)"},
          {"garden/sensor/soil_temperature/state", R"(12.5)", R"(esphome:garden: soil_temperature 12.5)"},
          {"garden/sensor/absolute_humidity/state", R"(9.1)", R"(esphome:garden: absolute_humidity 9.1)"},
          {"garden/sensor/cpu_temperature/state", R"(48)", R"(esphome:garden: cpu_temperature 48 Cel)"},
          {"home/garden/sensor/temp/state", R"(21.4 °C)", R"(esphome:home/garden: air_temperature 21.4)"},
          {"garden/sensor/rainfall/state", R"(3.5)", R"(esphome:garden: thickness_of_rainfall_amount 3.5)"},
          {"garden/sensor/pm_2_5/state", R"(7)", R"(esphome:garden: pm2p5 7)"},
          {"garden/sensor/pm25/state", R"(7)", R"(esphome:garden: pm2p5 7)"},
          {"garden/sensor/visibility/state", R"(7)", R"(esphome:garden: visibility_raw 7)"},
          {"garden/sensor/uptime/state", R"(7)", R"(esphome:garden: uptime 7)"},
          {"garden/sensor/battery_level/state", R"(77)", R"(esphome:garden:; battery 77%)"},
          {"garden/sensor/color_temperature/state", R"(300)", R"(esphome:garden: color_temperature 300)"},
          {"garden/sensor/temperature/state", R"({"a":1})", R"(no_text)"},
          {"garden/switch/pump/state", R"(ON)", R"(passed over)"},
          {"garden/status", R"(online)", R"(passed over)"},
          {"garden/sensor/vapour_pressure/state", R"(7)", R"(esphome:garden: vapour_pressure 7)"},
          {"garden/sensor/outdoor_temperature_f/state", R"(68)",
           R"(esphome:garden: air_temperature[outdoor] 20)"},
          {"garden/sensor/temperature/state", R"(nan)", R"(esphome:garden: air_temperature null missing)"},
      });
}

TEST(Truth, HomeAssistantEntities) {
  expect(
      "ha-statestream",
      {
          {"homeassistant/sensor/garden_rain_rate/state", R"(1.2)", R"(ha:garden: rainfall_rate 1.2)"},
          {"homeassistant/sensor/garden_dewpoint/state", R"(1.2)", R"(ha:garden: dew_point_temperature 1.2)"},
          {"homeassistant/sensor/garden_solar_radiation/state", R"(500)",
           R"(ha:garden: surface_downwelling_shortwave_flux_in_air 500)"},
          {"homeassistant/sensor/garden_pm2_5/state", R"(12)", R"(ha:garden: pm2p5 12)"},
          {"homeassistant/sensor/garden_soil_moisture_3/state", R"(40)", R"(ha:garden: soil_moisture[3] 40)"},
          {"homeassistant/sensor/cpu_temperature/state", R"(40)", R"(ha:cpu: cpu_temperature 40 Cel)"},
          {"homeassistant/sensor/temperature/state", R"(40)", R"(ha:temperature: air_temperature 40)"},
          {"homeassistant/switch/x/state", R"(on)", R"(passed over)"},
          {"homeassistant/sensor/garden_temperature_max/state", R"(30)",
           R"(ha:garden: air_temperature 30 max)"},
      });
}

TEST(Truth, TasmotaChips) {
  expect(
      "tasmota",
      {
          {"tele/r/SENSOR", R"({"ANALOG":{"Temperature1":72.5},"TempUnit":"F"})",
           R"(tasmota:r: air_temperature[ANALOG.1] 22.5)"},
          {"tele/r/SENSOR", R"({"RG-15":{"Active":0.1,"Event":0.8,"Total":12.4,"FlowRate":1.2}})",
           R"(tasmota:r: thickness_of_rainfall_amount[RG-15.active] 0.1, thickness_of_rainfall_amount[RG-15.event] 0.8, thickness_of_rainfall_amount[RG-15] 12.4, rainfall_rate[RG-15] 1.2)"},
          {"tele/r/SENSOR", R"({"AS3935":{"Event":1,"Distance":12,"Energy":58622}})",
           R"(tasmota:r: lightning_event[AS3935] 1, lightning_distance[AS3935] 12; {"AS3935":{"Energy":58622}})"},
          {"tele/r/SENSOR", R"({"SPS30":{"PM1_0":1.1,"PM2_5":2.2,"PM4_0":3.3,"PM10":4.4,"NCPM0_5":5.5}})",
           R"(tasmota:r: pm1[SPS30] 1.1, pm2p5[SPS30] 2.2, pm4[SPS30] 3.3, pm10[SPS30] 4.4; {"SPS30":{"NCPM0_5":5.5}})"},
          {"tele/r/SENSOR",
           R"({"SonoffSC":{"Temperature":22,"Humidity":48,"Light":20,"Noise":10,"AirQuality":100},"TempUnit":"C"})",
           R"(tasmota:r: air_temperature[SonoffSC] 22, relative_humidity[SonoffSC] 48; {"SonoffSC":{"Light":20,"Noise":10,"AirQuality":100},"TempUnit":"C"})"},
          {"tele/r/SENSOR",
           R"({"DS18x20":{"DS1":{"Type":"DS18B20","Address":"28FF","Temperature":22.1},"DS2":{"Type":"DS18B20","Address":"28FE","Temperature":2.1}},"TempUnit":"C"})",
           R"(tasmota:r: air_temperature[DS1] 22.1, air_temperature[DS2] 2.1; {"DS18x20":{"DS1":{"Type":"DS18B20","Address":"28FF"},"DS2":{"Type":"DS18B20","Address":"28FE"}}})"},
          {"tele/r/SENSOR", R"({"ESP32":{"Temperature":48},"TempUnit":"C"})",
           R"(tasmota:r: ESP32_Temperature 48 Cel)"},
          {"tele/r/SENSOR", R"({"ENERGY":{"Power":12}})", R"(passed over)"},
          {"tele/r/SENSOR", R"({"Switch1":"ON"})", R"(passed over)"},
      });
}

TEST(Truth, WeewxWithAndWithoutLabels) {
  expect(
      "weewx",
      {
          {"weather/loop", R"({"outTemp":71.78,"rainRate":0.1,"usUnits":"1.0"})",
           R"(weewx:weather: air_temperature 22.1, rainfall_rate 2.54)"},
          {"weather/loop", R"({"outTemp":71.78,"rainRate":0.1,"usUnits":"1","foo":3})",
           R"(weewx:weather: air_temperature 22.1, rainfall_rate 2.54; {"usUnits":"1","foo":3})"},
          {"weather/loop", R"({"rainRate":"0.25","usUnits":16})", R"(weewx:weather: rainfall_rate 2.5)"},
          {"weather/loop", R"({"outTemp":71.78,"outHumidity":50})",
           R"(weewx:weather: relative_humidity 50; {"outTemp":71.78})"},
          {"weather/outTemp_C", R"(21.4)", R"(weewx:weather: air_temperature 21.4)"},
          {"weather/outTemp", R"(71.6)", R"(weewx:weather: outTemp 71.6)"},
          {"weather/foo", R"(3)", R"(weewx:weather: foo 3)"},
          {"weather/dateTime", R"(1758349800)", R"(passed over)"},
          {"weather/loop",
           R"({"appTemp_F":"68.0","cloudbase_foot":"1000","hourRain_in":"0.1","rain24_in":"0.2","yearRain_in":10,"soilTemp1_F":"50","extraTemp1_F":"50","lightning_strike_count":"3","lightning_distance_mile":"2","windchill_F":"50","heatindex_F":"50"})",
           R"(weewx:weather: apparent_temperature 20, cloud_base_altitude 304.8, thickness_of_rainfall_amount[hourly] 2.54, thickness_of_rainfall_amount[24h] 5.08, thickness_of_rainfall_amount[yearly] 254, soil_temperature[ch1] 10, air_temperature[ch1] 10, lightning_strike_count 3, lightning_distance 3.2, wind_chill_of_air_temperature 10, heat_index_of_air_temperature 10)"},
      });
}

TEST(Truth, ShellyTopicsOfAllGenerations) {
  expect(
      "shelly-gen2",
      {
          {"shellyht-1/status/temperature:100", R"({"id":100,"tC":21.4,"tF":70.5})",
           R"(shelly:shellyht-1: air_temperature[100] 21.4; {"id":100})"},
          {"home/shellyht-1/status/temperature:0", R"({"id":0,"tC":21.4,"tF":70.5})",
           R"(shelly:home/shellyht-1: air_temperature 21.4; {"id":0})"},
          {"s/status/devicepower:0",
           R"({"id":0,"battery":{"V":5.27,"percent":60},"external":{"present":false}})",
           R"(shelly:s:; battery 60%; battery 5.27 V; {"id":0,"external":{"present":false}})"},
          {"s/status/illuminance:0", R"({"id":0,"lux":120,"illumination":"dark"})",
           R"(shelly:s: illuminance 120; {"id":0,"illumination":"dark"})"},
          {"s/status/bthomesensor:200", R"({"id":200,"value":21.4,"last_updated_ts":1758349800})",
           R"(shelly:s: bthomesensor[200] 21.4; {"id":200})"},
          {"s/status/switch:0", R"({"id":0,"output":true,"temperature":{"tC":40,"tF":104}})",
           R"(passed over)"},
          {"s/events/rpc",
           R"({"src":"s","method":"NotifyStatus","params":{"ts":1758349800,"switch:0":{"id":0,"output":true}}})",
           R"(passed over)"},
          {"s/events/rpc",
           R"({"src":"s","method":"NotifyEvent","params":{"ts":1758349800,"events":[{"component":"script:1","id":1,"event":"shelly-blu","data":{"address":"7c:c6:b6:00:00:01","temperature":21.4,"humidity":50,"battery":100,"rssi":-60,"pid":3},"ts":1758349800}]}})",
           R"(ble:7C:C6:B6:00:00:01: air_temperature 21.4, relative_humidity 50; battery 100%; {"src":"s","method":"NotifyEvent","params":{"events":[{"component":"script:1","id":1,"event":"shelly-blu","data":{"address":"7c:c6:b6:00:00:01","pid":3},"ts":1758349800}]}})"},
          {"shellies/shellyht-1/sensor/temperature", R"(21.4)", R"(shelly:shellyht-1: air_temperature 21.4)"},
          {"shellies/shellyht-1/sensor/battery", R"(88)", R"(shelly:shellyht-1:; battery 88%)"},
          {"shellies/shelly1-1/ext_temperature/0", R"(21.4)",
           R"(shelly:shelly1-1: air_temperature[ext.0] 21.4)"},
          {"shellies/shelly1-1/temperature", R"(51)", R"(passed over)"},
          {"shellies/shelly1-1/relay/0", R"(on)", R"(passed over)"},
          {"shellies/shelly1-1/announce", R"({"id":"x"})", R"(passed over)"},
      });
}

}  // namespace
}  // namespace weather::sensors
