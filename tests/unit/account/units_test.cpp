// `units = {...}` of a source is what its numbers are in where nothing in the message says so, for every
// format that assumes a unit; what a message says itself wins.
#include <gtest/gtest.h>

#include "sensors/csv/formats.hpp"
#include "sensors/decoders/registry.hpp"
#include "sensors/lorawan/formats.hpp"
#include "sensors/mapping/formats.hpp"
#include "sensors/reading/render.hpp"
#include "sensors/sink.hpp"
#include "sensors/sparkplug/host.hpp"
#include "sensors/sparkplug/sparkplug.pb.h"

namespace weather::sensors {
namespace {

const AssumedUnits units{{"air_temperature", "[degF]"}, {"wind_speed", "km/h"}, {"relative_humidity", "1"}};

Decoded decode(const std::string& format, std::string_view topic, std::string_view payload) {
  Registry registry;
  add_decoders(registry);
  add_presets(registry);
  add_lorawan(registry);
  add_tables(registry);
  Message message;
  message.topic = topic;
  message.payload = payload;
  message.units = &units;
  return registry.make(format).value()(message);
}

struct Case {
  const char *format, *topic, *payload, *right;
};

// 68 degF is 20 Cel, 36 km/h is 10 m/s, 0.5 is 50 %.
constexpr Case cases[] = {
    {"json", "w/z", R"({"temperature":68,"wind_speed":36,"humidity":0.5})",
     R"({"temperature":20,"wind_speed":10,"humidity":50})"},
    {"json", "w/z", R"({"temperature":"21.4 °C"})", R"({"temperature":21.4})"},
    {"senml", "s", R"([{"bn":"x:","n":"temperature","v":68},{"n":"wind_speed","v":10,"u":"m/s"}])",
     R"({"temperature":20,"wind_speed":10})"},
    {"rtl_433", "r", R"({"model":"N","id":1,"wind_speed_ms":10,"temperature_C":20,"humidity":0.5})",
     R"({"wind_speed":2.78,"temperature":20,"humidity":50})"},
    {"ecowitt", "/", "PASSKEY=A&model=M&tempf=68&windspeedmph=36&humidity=0.5",
     R"({"temperature":20,"wind_speed":10,"humidity":50})"},
    {"wunderground", "/", "ID=K&outtemp=68&windspeed=36", R"({"temperature":20,"wind_speed":10})"},
    {"tempest", "t", R"({"serial_number":"A","type":"rapid_wind","ob":[1588948614,36,90]})",
     R"({"wind_speed":10,"wind_direction":90})"},
    {"campbell", "t",
     R"({"properties":{"loggerID":"A","observationNames":["AirTC","WindSpeed"],"observations":{"2024-10-03T19:42:00Z":[68,36]}}})",
     R"({"temperature":20,"wind_speed":10})"},
    {"weatherlink", "t", R"({"did":"A","conditions":[{"hum":0.5,"wind_speed_last":36}]})",
     R"({"humidity":50,"wind_speed":10})"},
    {"chirpstack", "application/1/device/d/event/up",
     R"({"deviceInfo":{"devEui":"AB"},"object":{"temp":68,"windSpeed":36}})",
     R"({"temperature":20,"wind_speed":10})"},
    {"things-stack", "v3/a@t/devices/d/up",
     R"({"end_device_ids":{"dev_eui":"AB"},"uplink_message":{"frm_payload":"AA==","decoded_payload":{"temp":68}}})",
     R"({"temperature":20})"},
    {"esphome", "g/sensor/temperature/state", "68", R"({"temperature":20})"},
    {"esphome", "g/sensor/wind_speed/state", "36", R"({"wind_speed":10})"},
    {"ha-statestream", "homeassistant/sensor/g_temperature/state", "68", R"({"temperature":20})"},
    {"tasmota", "tele/r/SENSOR", R"({"AHT20":{"Temperature":68}})", R"({"temperature_AHT20":20})"},
    {"tasmota", "tele/r/SENSOR", R"({"AHT20":{"Temperature":20},"TempUnit":"C"})",
     R"({"temperature_AHT20":20})"},
    {"weewx", "weather/loop", R"({"outTemp":68,"windSpeed":36})", R"({"temperature":20,"wind_speed":10})"},
    {"weewx", "weather/loop", R"({"outTemp":20,"usUnits":16})", R"({"temperature":20})"},
    {"shelly-gen2", "shellies/ht/sensor/temperature", "68", R"({"temperature":20})"},
    {"zigbee2mqtt", "zigbee2mqtt/a/temperature", "68", R"({"temperature":20})"},
};

TEST(AssumedUnits, OfASourceAreThoseOfEveryFormatThatAssumesOne) {
  for (const auto& [format, topic, payload, right] : cases) {
    const auto readings = decode(format, topic, payload);
    ASSERT_TRUE(readings) << format << " " << readings.error().text;
    ASSERT_EQ(readings->size(), 1U) << format;
    EXPECT_EQ(render_value_json(readings->front()), right) << format << " " << payload;
  }
}

TEST(AssumedUnits, AreThoseOfSparkplugsMetricsToo) {
  SparkplugHost host{SparkplugOptions{}};
  sparkplug::Payload birth;
  birth.set_timestamp(1'758'349'800'000);
  birth.set_seq(0);
  auto& metric = *birth.add_metrics();
  metric.set_name("temperature");
  metric.set_double_value(68);
  const auto bytes = birth.SerializeAsString();
  Message message;
  message.topic = "spBv1.0/g/NBIRTH/n";
  message.payload = bytes;
  message.units = &units;
  const auto readings = host.decode(message);
  ASSERT_TRUE(readings);
  EXPECT_EQ(render_value_json(readings->front()), R"({"temperature":20})");
}

}  // namespace
}  // namespace weather::sensors
