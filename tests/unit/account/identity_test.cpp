// A key names one device: over all formats no two devices share one, and no device has two, whatever the
// number of levels of its topic, its components, the form of its address, a restart or a new battery.
#include <functional>
#include <map>
#include <set>

#include <gtest/gtest.h>

#include "sensors/csv/formats.hpp"
#include "sensors/decoders/registry.hpp"
#include "sensors/lorawan/formats.hpp"
#include "sensors/mapping/formats.hpp"
#include "sensors/sparkplug/formats.hpp"
#include "sensors/sparkplug/sparkplug.pb.h"

namespace weather::sensors {
namespace {

using Messages = std::vector<std::pair<std::string, std::string>>;  // topic, payload
using Names = std::vector<std::string>;

// Names that begin or end like each other, of one to five levels, and with what separates the parts of a key.
const Names levels = {
    "a",   "b",   "a/b",   "b/a",    "a/b/c", "garden", "garden/roof", "garden/roof/east/1/2",
    "a.b", "a b", "a-b_c", "gärten", "a:b",   "0",      "temperature", "home/tele2"};
const Names flat = {"a", "b", "ab", "a.b", "a b", "a-b", "gärten", "0", "00", "A"};
const Names addresses = {"A4C138000001", "A4C138000002", "0A4C13800000", "C82500000000"};

std::string colons(const std::string& digits) {
  std::string out;
  for (std::size_t i = 0; i < digits.size(); i += 2) out += (i == 0 ? "" : ":") + digits.substr(i, 2);
  return out;
}

std::string lower(std::string text) {
  for (auto& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return text;
}

struct Family {
  std::string format;
  Names devices;
  std::function<Messages(const std::string& device)> messages;  // all of one device
};

std::string ruuvi(const std::string& address, const std::string& sequence) {
  return R"({"gw_mac":"AA","rssi":-26,"ts":"1758349801","data":"0201061BFF99040512FC5394C37C0004FFFC040CAC3642)" +
         sequence + address + R"("})";
}

std::string birth(const std::string& name, std::uint64_t alias) {
  sparkplug::Payload payload;
  payload.set_timestamp(1'758'349'800'000);
  payload.set_seq(0);
  auto& metric = *payload.add_metrics();
  metric.set_name(name);
  metric.set_alias(alias);
  metric.set_datatype(10);
  metric.set_double_value(21.5);
  return payload.SerializeAsString();
}

const std::vector<Family>& families() {
  static const std::vector<Family> all = {
      {"vaisala-wxt",
       {"ttyUSB0", "ttyUSB1", "ttyS0", "usb-FTDI_1-if00-port0", "10.0.0.1:4001"},
       [](const std::string& d) {
         return Messages{{"/dev/" + d, "0R1,Dm=236D,Sm=0.1M"}, {"/dev/" + d, "0R2,Ta=21.4C,Pa=1012.3H"}};
       }},
      {"zigbee2mqtt", levels,
       [](const std::string& d) {
         return Messages{{"zigbee2mqtt/" + d, R"({"temperature":1,"battery":90})"},
                         {"zigbee2mqtt/" + d, R"({"temperature":2,"battery":10,"voltage":2400})"},
                         {"zigbee2mqtt/" + d + "/temperature", "21"},
                         {"zigbee2mqtt/" + d + "/humidity", "50"}};
       }},
      {"tasmota", levels,
       [](const std::string& d) {
         return Messages{
             {"tele/" + d + "/SENSOR", R"({"BME280":{"Temperature":1},"DS18B20-1":{"Temperature":2}})"},
             {"tele/" + d + "/SENSOR", R"({"AM2301":{"Humidity":1}})"}};
       }},
      {"tasmota", levels,
       [](const std::string& d) {
         return Messages{{d + "/tele/SENSOR", R"({"BME280":{"Temperature":1}})"}};
       }},
      {"esphome", levels,
       [](const std::string& d) {
         return Messages{{d + "/sensor/temperature/state", "1"},
                         {d + "/sensor/outdoor_wind_gust/state", "2"},
                         {d + "/sensor/battery_level/state", "3"}};
       }},
      {"shelly-gen2", levels,
       [](const std::string& d) {
         const auto rpc = [](const std::string& method, const std::string& params) {
           return R"({"src":"x","method":")" + method + R"(","params":{"ts":1758349800,)" + params + "}}";
         };
         return Messages{
             {d + "/events/rpc", rpc("NotifyStatus", R"("temperature:0":{"id":0,"tC":1})")},
             {d + "/events/rpc", rpc("NotifyFullStatus", R"("temperature:100":{"id":100,"tC":1})")},
             {d + "/status/temperature:0", R"({"id":0,"tC":1})"},
             {d + "/status/temperature:100", R"({"id":100,"tC":1})"},
             {d + "/status/temperature:101", R"({"id":101,"tC":1})"},
             {d + "/status/humidity:0", R"({"id":0,"rh":1})"},
             {d + "/status/devicepower:0", R"({"id":0,"battery":{"V":5,"percent":60}})"},
             {d + "/status/bthomesensor:200", R"({"id":200,"value":1})"}};
       }},
      {"shelly-gen2", flat,
       [](const std::string& d) {
         return Messages{{"shellies/" + d + "/sensor/temperature", "1"},
                         {"shellies/" + d + "/sensor/battery", "88"},
                         {"shellies/" + d + "/ext_temperature/0", "1"},
                         {"shellies/" + d + "/ext_temperature/1", "2"}};
       }},
      {"openmqttgateway", addresses,
       [](const std::string& d) {
         return Messages{
             {"home/g/BTtoMQTT/" + d, R"({"id":")" + colons(d) + R"(","tempc":1})"},
             {"home/g/h/BTtoMQTT/" + d, R"({"id":")" + lower(colons(d)) + R"(","tempc":1,"batt":3})"},
             {"home/other/BTtoMQTT", R"({"id":")" + d + R"(","hum":1})"}};
       }},
      {"ruuvi-gateway", addresses,
       [](const std::string& d) {
         return Messages{
             {"ruuvi/AA/" + colons(d), ruuvi(d, "00CD")},
             {"ruuvi/BB/" + lower(colons(d)), ruuvi(d, "00CE")},
             {"ruuvi/BB/" + d,
              R"({"ts":"1758349802","data":"17FF990406170C5668C79E007000C90501D900CD004C884F"})"}};
       }},
      {"rtl_433",
       {"1", "2", "12", "145", "0"},
       [](const std::string& d) {
         return Messages{
             {"t", R"({"model":"Nexus-TH","id":)" + d + R"(,"channel":1,"temperature_C":1,"seq":1})"},
             {"t", R"({"model":"Nexus-TH","id":)" + d + R"(,"channel":1,"humidity":1,"battery_ok":0})"}};
       }},
      {"rtl_433",
       {"A", "B", "C"},
       [](const std::string& d) {
         return Messages{{"t", R"({"model":"Acurite-5n1","id":839,"channel":")" + d +
                                   R"(","message_type":49,"wind_avg_km_h":1})"},
                         {"t", R"({"model":"Acurite-5n1","id":839,"channel":")" + d +
                                   R"(","message_type":56,"temperature_F":1})"}};
       }},
      {"senml",
       {"urn:dev:mac:0024befffe804ff1", "urn:dev:mac:0024befffe804ff2", "urn:dev:ow:10e2073a01080063",
        "urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6", "2001:db8::2", "sensor-1", "sensor-1x"},
       [](const std::string& d) {
         return Messages{
             {"t", R"([{"n":")" + d + R"(/temperature","u":"Cel","v":1}])"},
             {"t", R"([{"bn":")" + d + R"(/","n":"humidity","u":"%RH","v":1}])"},
             {"t", R"([{"bn":")" + d + R"(","u":"Cel","v":1}])"},
             {"t", R"([{"bn":")" + d + R"(:","n":"t","u":"Cel","v":1},{"n":"h","u":"%RH","v":2}])"}};
       }},
      {"json", levels,
       [](const std::string& d) {
         return Messages{
             {"t", R"({"id":")" + d + R"(","temperature":1})"},
             {"x/y", R"({"key":")" + d + R"(","value":{"humidity":1}})"},
             {"", R"([{"sensor_id":")" + d + R"(","temperature":1},{"id":")" + d + R"(","humidity":1}])"}};
       }},
      {"chirpstack",
       {"0004a30b001c0530", "0004a30b001c0531"},
       [](const std::string& d) {
         const auto info = R"({"time":"2026-01-01T00:00:00Z","deviceInfo":{"devEui":")" + d + "\"}";
         return Messages{
             {"application/1/device/x/event/up", info + R"(,"fCnt":1,"object":{"temperature":1}})"},
             {"application/2/device/x/event/up", info + R"(,"devAddr":"9","object":{"battery":3}})"},
             {"application/1/device/x/event/status", info + R"(,"batteryLevel":75})"},
             {"application/1/device/x/event/location", info + R"(,"location":{"latitude":1}})"}};
       }},
      {"things-stack",
       {"0004A30B001C0530", "0004A30B001C0531"},
       [](const std::string& d) {
         const auto ids = R"({"end_device_ids":{"device_id":"x","dev_eui":")" + d +
                          R"(","application_ids":{"application_id":"a"}},)";
         return Messages{
             {"v3/a@t/devices/x/up",
              ids + R"("uplink_message":{"f_cnt":1,"decoded_payload":{"temperature":1}}})"},
             {"v3/b@t/devices/x/up", ids + R"("uplink_message":{"decoded_payload":{"humidity":1}}})"},
             {"v3/a@t/devices/x/location/solved", ids + R"("location_solved":{"location":{"latitude":1}}})"}};
       }},
      {"ecowitt",
       {"AA", "BB", "AAB"},
       [](const std::string& d) {
         return Messages{{"t", "PASSKEY=" + d + "&model=GW2000A&stationtype=V1&tempf=1"},
                         {"t", "stationtype=V2&passkey=" + d + "&model=GW2000A&batt1=1&humidity=2"}};
       }},
      {"campbell",
       {"roof", "roof:1", "shed"},
       [](const std::string& d) {
         const auto table = [&](const std::string& fields, const std::string& values) {
           return R"({"head":{"signature":)" + std::to_string(fields.size()) +
                  R"(,"environment":{"station_name":")" + d + R"(","table_name":"T"},"fields":[)" + fields +
                  R"(]},"data":[{"time":"2024-10-03T19:42:00Z","vals":[)" + values + "]}]}";
         };
         return Messages{{"t", table(R"({"name":"RH"})", "55")},
                         {"u", table(R"({"name":"RH"},{"name":"AirTC"})", "55,20")}};
       }},
      {"campbell",
       {"CR1000X_34769", "CR1000X_34768"},
       [](const std::string& d) {
         return Messages{
             {"t", R"({"type":"Feature","properties":{"loggerID":")" + d +
                       R"(","observationNames":["RH"],"observations":{"2024-10-03T19:42:00Z":[1]}}})"},
             {"t/SYNOP",
              R"({"type":"Feature","Properties":{"loggerID":")" + d +
                  R"(","observationNames":["AirTC"],"observations":{"2024-10-03T19:42:00Z":[1]}}})"}};
       }},
      {"tempest",
       {"ST-00000512", "ST-00000513", "HB-00000512"},
       [](const std::string& d) {
         const auto from = [&](const std::string& type, const std::string& rest) {
           return R"({"serial_number":")" + d + R"(","type":")" + type + "\"," + rest + "}";
         };
         return Messages{{"t", from("obs_st", R"("obs":[[1588948614,1,2]],"firmware_revision":129)")},
                         {"t", from("rapid_wind", R"("hub_sn":"HB-1","ob":[1588948614,1,2])")},
                         {"t", from("device_status", R"("hub_sn":"HB-2","voltage":2.4)")}};
       }},
      {"weatherlink",
       {"1", "2", "8"},
       [](const std::string& d) {
         return Messages{{"t", R"({"data":{"did":"A","ts":1531754005,"conditions":[{"lsid":1,"txid":)" + d +
                                   R"(,"temp":1}]},"error":null})"},
                         {"t", R"({"did":"A","ts":1532031640,"conditions":[{"lsid":2,"txid":")" + d +
                                   R"(","wind_speed_last":1}]})"}};
       }},
      {"weatherlink",
       {"001D0A700002", "001D0A700003"},
       [](const std::string& d) {
         return Messages{
             {"t", R"({"data":{"did":")" + d +
                       R"(","conditions":[{"lsid":1,"temp_in":1},{"lsid":2,"bar_absolute":30}]}})"}};
       }},
      {"wunderground",
       {"KXX1", "KXX2"},
       [](const std::string& d) {
         return Messages{{"t", "ID=" + d + "&tempf=1"}, {"t", "humidity=3&id=" + d + "&softwaretype=x"}};
       }},
      {"sparkplug",
       {"d1", "d2", "d"},
       [](const std::string& d) {
         return Messages{{"spBv1.0/g/DBIRTH/n/" + d, birth("temperature", 1)},
                         {"spBv1.0/g/DDATA/n/" + d, birth("Outdoor/humidity", 2)}};
       }},
      {"sparkplug",
       {"n1", "n2", "n"},
       [](const std::string& d) {
         return Messages{{"spBv1.0/g/NBIRTH/" + d, birth("temperature", 1)},
                         {"spBv1.0/g/NBIRTH/" + d, birth("temperature", 1)}};
       }},
  };
  return all;
}

Decoder decoder_of(const std::string& format) {
  static const Registry registry = [] {
    Registry out;
    add_decoders(out);
    add_presets(out);
    add_lorawan(out);
    add_tables(out);
    add_sparkplug(out);
    return out;
  }();
  return registry.make(format).value();
}

TEST(Identity, OneDeviceHasOneKeyAndNoTwoShareOne) {
  for (const auto& [format, devices, messages] : families()) {
    std::map<std::string, std::string> owner;  // of a key
    for (const auto& device : devices) {
      std::set<std::string> keys;
      // After a restart the decoder is a new one.
      for (int start = 0; start < 2; ++start) {
        const auto decoder = decoder_of(format);
        for (const auto& [topic, payload] : messages(device)) {
          Message message;
          message.topic = topic;
          message.payload = payload;
          message.received_ns = 1'790'000'000'000'000'000;
          const auto readings = decoder(message);
          ASSERT_TRUE(readings) << format << " " << topic << " " << payload << ": " << readings.error().text;
          if (start == 0) {
            EXPECT_FALSE(readings->empty()) << format << " " << topic << " " << payload;
          }
          for (const auto& reading : *readings) keys.insert(reading.sensor_id());
        }
      }
      EXPECT_EQ(keys.size(), 1U) << format << " " << device << ": " << (keys.empty() ? "" : *keys.begin())
                                 << " and " << (keys.empty() ? "" : *keys.rbegin());
      for (const auto& key : keys) {
        const auto [found, fresh] = owner.emplace(key, device);
        EXPECT_TRUE(fresh) << format << ": " << key << " is of " << found->second << " and of " << device;
      }
    }
  }
}

TEST(Identity, NoFormatIsForgotten) {
  // A key is an entity's or an installation's, no device's, or what the configuration says.
  std::set<std::string> tried{"ha-statestream", "weewx", "csv", "toa5"};
  for (const auto& family : families()) tried.insert(family.format);
  Registry registry;
  add_decoders(registry);
  add_presets(registry);
  add_lorawan(registry);
  add_tables(registry);
  add_sparkplug(registry);
  for (const auto& name : registry.names()) EXPECT_TRUE(tried.contains(name)) << name;
}

}  // namespace
}  // namespace weather::sensors
