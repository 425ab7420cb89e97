// What the codecs of LoRaWAN devices call their fields, family by family, with the right value.
#include <gtest/gtest.h>

#include "sensors/lorawan/chirpstack.hpp"
#include "sensors/lorawan/things_stack.hpp"
#include "tests/unit/mapping/decoded.hpp"

namespace weather::sensors {
namespace {

std::string object(std::string_view json) {
  const auto payload =
      R"({"deviceInfo":{"devEui":"0004a30b001c0530"},"data":"AA==","object":)" + std::string(json) + "}";
  Message message;
  message.topic = "application/1/device/0004a30b001c0530/event/up";
  message.payload = payload;
  const auto text = text_of(ChirpstackDecoder().decode(message));
  return text.starts_with("lora:") ? text.substr(text.find(": ") + 2) : text;
}

std::string stack(std::string_view message_json) {
  const auto payload = R"({"end_device_ids":{"dev_eui":"0004A30B001C0530"},"uplink_message":)" +
                       std::string(message_json) + "}";
  Message message;
  message.topic = "v3/a@ttn/devices/d/up";
  message.payload = payload;
  const auto text = text_of(ThingsStackDecoder().decode(message));
  return text.starts_with("lora:") ? text.substr(text.find(": ") + 2) : text;
}

TEST(LorawanFamilies, NamesOfCodecs) {
  EXPECT_EQ(object(R"({"air_humidity":50,"relativeHumidity":50})"), "relative_humidity 50");
  EXPECT_EQ(object(R"({"barometric_pressure":101320})"), "air_pressure 1013.2");
  EXPECT_EQ(object(R"({"barometric_pressure":1013.2})"), "air_pressure 1013.2");
  EXPECT_EQ(object(R"({"light_intensity":1200,"rain_gauge":1.2,"wind_direction_sensor":270})"),
            "illuminance 1200, thickness_of_rainfall_amount 1.2, wind_from_direction 270");
  EXPECT_EQ(object(R"({"rainfall_total":3.5})"), "thickness_of_rainfall_amount 3.5");
  EXPECT_EQ(object(R"({"rain":{"cumulative":3.5}})"), "thickness_of_rainfall_amount 3.5");
  EXPECT_EQ(object(R"({"pm2.5":12,"ambient_temperature":21.4,"ILL_lx":900})"),
            "pm2p5 12, air_temperature 21.4, illuminance 900");
  EXPECT_EQ(object(R"({"temperature_1":21.4,"barometric_pressure_2":1013.2})"),
            "air_temperature[1] 21.4, air_pressure[2] 1013.2");
}

TEST(LorawanFamilies, DraginoWithoutAProbe) {
  EXPECT_EQ(object(R"({"TempC_SHT":21.4,"TempC_DS":327.67,"BatV":3.05})"),
            "air_temperature 21.4, air_temperature[probe] null missing; battery 3.05 V");
  EXPECT_EQ(object(R"({"TempC_DS18B20":"327.67"})"), "air_temperature[probe] null missing");
  EXPECT_EQ(object(R"({"temp_SOIL":"18.50","water_SOIL":"32.1","Bat":3.3})"),
            "soil_temperature 18.5, soil_moisture 32.1; battery 3.3 V");
}

TEST(LorawanFamilies, ValueAndUnitAsAnObject) {
  EXPECT_EQ(
      object(
          R"({"air_temperature":{"displayName":"Air temperature","value":20.1,"unit":"°C"},"barometric_pressure":{"value":97340,"unit":"Pa"},"battery_voltage":{"value":3.1,"unit":"V"}})"),
      "air_temperature 20.1, air_pressure 973.4; battery 3.1 V");
  EXPECT_EQ(object(R"({"temperature":"21.4°C","humidity":"55 %"})"),
            "air_temperature 21.4, relative_humidity 55");
  EXPECT_EQ(object(R"({"temperature":21,"vapor":{"value":1.2,"unit":"kPa"}})"),
            R"(air_temperature 21; {"vapor":{"value":1.2,"unit":"kPa"}})");
}

TEST(LorawanFamilies, TypedMeasurementsInAList) {
  EXPECT_EQ(
      object(
          R"({"err":0,"messages":[{"measurementId":"4097","measurementValue":21.4,"type":"Air Temperature"},{"measurementId":"4113","measurementValue":0.5,"type":"Rain Gauge"},{"measurementId":4101,"measurementValue":101320,"type":"Barometric Pressure"}]})"),
      R"(air_temperature 21.4, rainfall_rate 0.5, air_pressure 1013.2; {"err":0})");
  EXPECT_EQ(
      object(R"({"messages":[[{"measurementId":"4102","measurementValue":9.5,"type":"report_telemetry"}]]})"),
      "soil_temperature 9.5");
  EXPECT_EQ(
      object(R"({"sensors":[{"name":"Wind Speed","value":36,"unit":"km/h"},{"name":"Thing","value":3}]})"),
      R"(wind_speed 10; {"sensors":[null,{"name":"Thing","value":3}]})");
}

TEST(LorawanFamilies, NormalizedFirstAndThenWhatItDoesNotHave) {
  EXPECT_EQ(
      stack(
          R"({"frm_payload":"AA==","normalized_payload":[{"air":{"temperature":21.4},"battery":3.1}],"decoded_payload":{"temp":21.4,"soil_temperature":4.2}})"),
      "air_temperature 21.4, soil_temperature 4.2; battery 3.1 V");
  EXPECT_EQ(
      stack(
          R"({"frm_payload":"AA==","normalized_payload":[{"air":{"temperature":21.4}}],"decoded_payload":{"foo":7}})"),
      R"(air_temperature 21.4; {"foo":7})");
}

TEST(LorawanFamilies, AnUplinkForTheNetworkAloneIsNoReading) {
  EXPECT_EQ(stack(R"({"f_cnt":3})"), "passed over");
  EXPECT_EQ(stack(R"({"f_cnt":3,"frm_payload":"AA=="})"), "no_decoded_payload");
}

TEST(LorawanFamilies, TheBatteryOfAStatusEventIsAReading) {
  Message message;
  message.topic = "application/1/device/0004a30b001c0530/event/status";
  message.payload = R"({"deviceInfo":{"devEui":"0004a30b001c0530"},"batteryLevel":75.3})";
  EXPECT_EQ(text_of(ChirpstackDecoder().decode(message)), "lora:0004a30b001c0530:; battery 75%");
}

}  // namespace
}  // namespace weather::sensors
