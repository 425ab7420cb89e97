#include "sensors/mapping/presets.hpp"

#include <gmock/gmock.h>

#include "sensors/mapping/toml.hpp"
#include "sensors/reading/builder.hpp"
#include "sensors/reading/json_text.hpp"
#include "sensors/reading/time.hpp"

namespace weather::sensors {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// "air_temperature[indoor] 22.5" and so on: what a test wants to see of a reading.
std::string text(const v1::Quantity& q) {
  std::string out = q.name() + (q.part().empty() ? "" : "[" + q.part() + "]") + " ";
  append_json_value(out, value_of(q));
  if (!q.unit().empty()) out += " " + q.unit();
  if (q.stat() == v1::STAT_COUNTER) out += " counter";
  if (q.stat() == v1::STAT_MEAN) out += " mean";
  if (q.quality() == v1::QUALITY_MISSING) out += " missing";
  if ((q.qc() & v1::QC_UNIT_SUSPECT) != 0) out += " unit?";
  return out;
}

std::vector<std::string> quantities(const Reading& reading) {
  std::vector<std::string> out;
  for (const auto& quantity : reading.quantities()) out.push_back(text(quantity));
  return out;
}

class PresetTest : public testing::Test {
 protected:
  void use(std::string_view toml) {
    auto mappings = mappings_from_text(toml);
    ASSERT_TRUE(mappings) << mappings.error().front().text;
    mapper_.emplace(std::move(*mappings));
  }
  void use_preset(std::string_view name, std::string_view more = {}) {
    use("[[mapping]]\npreset = \"" + std::string(name) + "\"\n" + std::string(more));
  }
  Decoded decode(std::string_view topic, std::string_view payload) {
    Message message;
    message.topic = topic;
    message.payload = payload;
    message.retained = retained_;
    return mapper_->decode(message);
  }
  Reading one(std::string_view topic, std::string_view payload) {
    auto readings = decode(topic, payload);
    EXPECT_TRUE(readings) << (readings ? "" : readings.error().text);
    if (!readings || readings->size() != 1) {
      ADD_FAILURE() << "not one reading";
      return {};
    }
    return readings->front();
  }
  std::string reason(std::string_view topic, std::string_view payload) {
    const auto readings = decode(topic, payload);
    return readings ? "decoded" : readings.error().reason;
  }
  static std::string time_of(const Reading& r) {
    return r.event_time_ns() == 0 ? "arrival" : format_time(static_cast<std::int64_t>(r.event_time_ns()));
  }

  std::optional<Mapper> mapper_;
  bool retained_ = false;
};

TEST_F(PresetTest, EveryPresetIsAValidMapping) {
  ASSERT_GE(presets().size(), 8U);
  for (const auto& preset : presets()) {
    const auto mappings = mappings_from_text(preset.toml);
    EXPECT_TRUE(mappings) << preset.name << ": " << (mappings ? "" : mappings.error().front().text);
  }
}

TEST_F(PresetTest, TasmotaSensorChipsArePartsOfTheDevice) {
  use_preset("tasmota");
  const auto reading =
      one("tele/roof/SENSOR",
          R"({"Time":"2018-03-02T18:25:03","AM2301":{"Temperature":22.6,"Humidity":32.4},"TempUnit":"C"})");
  EXPECT_EQ(reading.sensor_id(), "tasmota:roof");
  EXPECT_EQ(reading.source().adapter(), "tasmota");
  EXPECT_THAT(quantities(reading),
              ElementsAre("air_temperature[AM2301] 22.6", "relative_humidity[AM2301] 32.4"));
}

TEST_F(PresetTest, TasmotaUnitsComeFromTheirSiblings) {
  use_preset("tasmota");
  const auto reading = one(
      "tele/roof/SENSOR",
      R"({"BME280":{"Temperature":71.78,"Pressure":29.92},"TX23":{"Speed":{"Act":"12.6","Avg":36}},"TempUnit":"F","PressureUnit":"inHg","SpeedUnit":"km/h"})");
  EXPECT_THAT(quantities(reading), ElementsAre("air_temperature[BME280] 22.1", "air_pressure[BME280] 1013.2",
                                               "wind_speed[TX23] 3.5", "wind_speed[TX23.avg] 10 mean"));
  EXPECT_EQ(reading.quantities(0).src_unit(), "[degF]");
  EXPECT_EQ(reading.quantities(0).src_value(), 71.78);
  EXPECT_EQ(reading.quantities(0).src_field(), "/BME280/Temperature");
  EXPECT_EQ(reading.extra_json(), "");
}

TEST_F(PresetTest, TasmotaNumbersMayBeStrings) {
  use_preset("tasmota");
  const auto reading =
      one("tele/roof/SENSOR",
          R"({"TX23":{"Speed":{"Act":"12.3"},"Dir":{"Card":"WSW","Deg":"247.5"}},"SpeedUnit":"m/s"})");
  EXPECT_THAT(quantities(reading), ElementsAre("wind_speed[TX23] 12.3", "wind_from_direction[TX23] 247.5"));
  EXPECT_EQ(reading.extra_json(), R"({"TX23":{"Dir":{"Card":"WSW"}}})");
}

TEST_F(PresetTest, TasmotaNullAfterAFailedReadIsMissingAndNotZero) {
  use_preset("tasmota");
  const auto reading =
      one("tele/roof/SENSOR", R"({"AM2301":{"Temperature":null,"Humidity":null},"TempUnit":"C"})");
  EXPECT_THAT(quantities(reading),
              ElementsAre("air_temperature[AM2301] null missing", "relative_humidity[AM2301] null missing"));
}

TEST_F(PresetTest, TasmotaLocalTimeWithoutZoneIsNoInstant) {
  use_preset("tasmota");
  const auto reading =
      one("tele/roof/SENSOR", R"({"Time":"2018-03-02T18:25:03","AM2301":{"Temperature":1}})");
  EXPECT_EQ(time_of(reading), "arrival");
  EXPECT_EQ(reading.extra_json(), R"({"Time":"2018-03-02T18:25:03"})");
}

TEST_F(PresetTest, AnUnknownUnitLeavesTheValueAndSaysSo) {
  use_preset("tasmota");
  const auto reading = one("tele/roof/SENSOR", R"({"AM2301":{"Temperature":22.6},"TempUnit":"Ra"})");
  EXPECT_THAT(quantities(reading), ElementsAre("temperature_raw[AM2301] 22.6 Ra unit?"));
  EXPECT_EQ(reading.quantities(0).quality(), v1::QUALITY_DOUBTFUL);
  EXPECT_EQ(reading.extra_json(), R"({"TempUnit":"Ra"})");
}

TEST_F(PresetTest, TasmotaStateMessagesAreKnownToCarryNoReading) {
  use_preset("tasmota");
  const auto readings = decode("tele/roof/STATE", R"({"Uptime":"1T00:00:00"})");
  ASSERT_TRUE(readings);
  EXPECT_THAT(*readings, IsEmpty());
}

TEST_F(PresetTest, EspHomeValuesAreTextAndTheirNameIsTheTopic) {
  use_preset("esphome");
  retained_ = true;
  const auto reading = one("balcony/sensor/outdoor_temperature/state", "22.5");
  EXPECT_EQ(reading.sensor_id(), "esphome:balcony");
  EXPECT_THAT(quantities(reading), ElementsAre("air_temperature[outdoor] 22.5"));
  EXPECT_EQ(reading.flags(), v1::FLAG_RETAINED);
  EXPECT_EQ(time_of(reading), "arrival");
}

TEST_F(PresetTest, ARetainedCopyOfWhatWasSeenIsNoSecondReading) {
  use_preset("esphome");
  one("balcony/sensor/temperature/state", "22.5");
  retained_ = true;
  EXPECT_THAT(*decode("balcony/sensor/temperature/state", "22.5"), IsEmpty());
  EXPECT_EQ(one("balcony/sensor/temperature/state", "22.6").flags(), v1::FLAG_RETAINED);
  EXPECT_EQ(one("balcony/sensor/humidity/state", "22.5").flags(), v1::FLAG_RETAINED);
}

TEST_F(PresetTest, TheSameValueMeasuredAgainIsAReading) {
  use_preset("esphome");
  one("balcony/sensor/temperature/state", "22.5");
  one("balcony/sensor/temperature/state", "22.5");
}

TEST_F(PresetTest, EspHomeNanIsMissing) {
  use_preset("esphome");
  EXPECT_THAT(quantities(one("balcony/sensor/temperature/state", "nan")),
              ElementsAre("air_temperature null missing"));
}

TEST_F(PresetTest, EspHomeValuesNobodyKnowsKeepTheirName) {
  use_preset("esphome");
  EXPECT_THAT(quantities(one("balcony/sensor/uptime/state", "12345")), ElementsAre("uptime 12345"));
  EXPECT_THAT(quantities(one("balcony/sensor/phase/state", "waxing")), ElementsAre("phase \"waxing\""));
}

TEST_F(PresetTest, EspHomeBatteryAloneIsAReadingOfTheLink) {
  use_preset("esphome");
  const auto reading = one("balcony/sensor/battery/state", "87");
  EXPECT_FLOAT_EQ(reading.link().battery_ratio(), 0.87F);
  EXPECT_THAT(quantities(reading), IsEmpty());
}

constexpr std::string_view zigbee =
    R"({"temperature":21.4,"humidity":55.1,"pressure":1009,"battery":97,"linkquality":102})";

TEST_F(PresetTest, Zigbee2MqttKeepsWhatIsNotMapped) {
  use_preset("zigbee2mqtt");
  const auto reading = one("zigbee2mqtt/shed", zigbee);
  EXPECT_EQ(reading.sensor_id(), "zigbee2mqtt:shed");
  EXPECT_THAT(quantities(reading),
              ElementsAre("air_temperature 21.4", "relative_humidity 55.1", "air_pressure 1009"));
  EXPECT_FLOAT_EQ(reading.link().battery_ratio(), 0.97F);
  EXPECT_EQ(reading.extra_json(), R"({"linkquality":102})");
}

TEST_F(PresetTest, Zigbee2MqttCacheRepeatsAreFlaggedAndNotDropped) {
  use_preset("zigbee2mqtt");
  EXPECT_EQ(one("zigbee2mqtt/shed", zigbee).flags() & v1::FLAG_REPEATED, 0U);
  EXPECT_NE(one("zigbee2mqtt/shed",
                R"({"temperature":21.4,"humidity":55.1,"pressure":1009,"battery":97,"linkquality":80})")
                    .flags() &
                v1::FLAG_REPEATED,
            0U);
  EXPECT_EQ(one("zigbee2mqtt/shed", R"({"temperature":21.5,"humidity":55.1,"pressure":1009})").flags() &
                v1::FLAG_REPEATED,
            0U);
}

TEST_F(PresetTest, Zigbee2MqttLastSeenIsTheTimeInEitherForm) {
  use_preset("zigbee2mqtt");
  EXPECT_EQ(time_of(one("zigbee2mqtt/a", R"({"temperature":1,"last_seen":"2025-09-20T06:30:00.000Z"})")),
            "2025-09-20T06:30:00Z");
  EXPECT_EQ(time_of(one("zigbee2mqtt/b", R"({"temperature":1,"last_seen":1758349800000})")),
            "2025-09-20T06:30:00Z");
}

TEST_F(PresetTest, Zigbee2MqttAttributeOutputIsOneTopicAValue) {
  use_preset("zigbee2mqtt");
  const auto reading = one("zigbee2mqtt/shed/humidity", "55.1");
  EXPECT_EQ(reading.sensor_id(), "zigbee2mqtt:shed");
  EXPECT_THAT(quantities(reading), ElementsAre("relative_humidity 55.1"));
}

TEST_F(PresetTest, Zigbee2MqttBridgeAndAvailabilityCarryNoReading) {
  use_preset("zigbee2mqtt");
  for (const char* topic :
       {"zigbee2mqtt/bridge/state", "zigbee2mqtt/bridge/info", "zigbee2mqtt/shed/availability"}) {
    const auto readings = decode(topic, "online");
    ASSERT_TRUE(readings) << topic;
    EXPECT_THAT(*readings, IsEmpty()) << topic;
  }
}

TEST_F(PresetTest, ABaseReplacesThePresetsTopicPrefix) {
  use_preset("zigbee2mqtt", "base = \"home/z2m\"");
  EXPECT_EQ(one("home/z2m/shed", zigbee).sensor_id(), "zigbee2mqtt:shed");
  EXPECT_THAT(mapper_->mqtt_filters(), ElementsAre("home/z2m/#"));
}

constexpr std::string_view shelly_full =
    R"({"src":"shellyhtg3-34b7da8d7b3c","dst":"shellyhtg3-34b7da8d7b3c/events","method":"NotifyFullStatus","params":{"ts":1758349800.52,"ble":{},)"
    R"("devicepower:0":{"id":0,"battery":{"V":5.27,"percent":60},"external":{"present":false}},"humidity:0":{"id":0,"rh":45.1},)"
    R"("sys":{"mac":"34B7DA8D7B3C","time":null,"unixtime":null},"temperature:0":{"id":0,"tC":22.5,"tF":72.5},"wifi":{"rssi":-58}}})";

TEST_F(PresetTest, ShellyFullStatusOfADeviceThatJustWokeUp) {
  use_preset("shelly-gen2");
  const auto reading = one("shellyhtg3-34b7da8d7b3c/events/rpc", shelly_full);
  EXPECT_EQ(reading.sensor_id(), "shelly:shellyhtg3-34b7da8d7b3c");
  EXPECT_THAT(quantities(reading), ElementsAre("relative_humidity 45.1", "air_temperature 22.5"));
  EXPECT_EQ(time_of(reading), "2025-09-20T06:30:00.52Z");
  EXPECT_FLOAT_EQ(reading.link().battery_ratio(), 0.6F);
  EXPECT_FLOAT_EQ(reading.link().rssi_dbm(), -58);
}

TEST_F(PresetTest, ShellyCelsiusAndFahrenheitAreOneQuantity) {
  use_preset("shelly-gen2");
  const auto reading = one("x/events/rpc", shelly_full);
  EXPECT_EQ(std::ranges::count(reading.quantities(), "air_temperature",
                               [](const v1::Quantity& q) { return q.name(); }),
            1);
  EXPECT_THAT(reading.extra_json(), HasSubstr(R"("temperature:0":{"id":0})"));
}

TEST_F(PresetTest, ShellyDeltasAreReadingsOfWhatChanged) {
  use_preset("shelly-gen2");
  const auto reading =
      one("x/events/rpc",
          R"({"src":"s1","method":"NotifyStatus","params":{"ts":1758349801,"temperature:101":{"tC":-5.6}}})");
  EXPECT_THAT(quantities(reading), ElementsAre("air_temperature[101] -5.6"));
}

TEST_F(PresetTest, ShellyEventsAreIgnored) {
  use_preset("shelly-gen2");
  const auto readings =
      decode("x/events/rpc", R"({"src":"s1","method":"NotifyEvent","params":{"ts":1,"events":[]}})");
  ASSERT_TRUE(readings);
  EXPECT_THAT(*readings, IsEmpty());
}

TEST_F(PresetTest, AClockThatWasNeverSetIsNoEventTime) {
  use_preset("shelly-gen2");
  EXPECT_EQ(
      time_of(one("x/events/rpc",
                  R"({"src":"s1","method":"NotifyStatus","params":{"ts":12.5,"humidity:0":{"rh":1}}})")),
      "arrival");
}

TEST_F(PresetTest, HomeAssistantUnavailableIsMissing) {
  use_preset("ha-statestream");
  EXPECT_THAT(quantities(one("homeassistant/sensor/garden_temperature/state", "unavailable")),
              ElementsAre("air_temperature null missing"));
  EXPECT_THAT(quantities(one("homeassistant/sensor/garden_temperature/state", "unknown")),
              ElementsAre("air_temperature null missing"));
}

TEST_F(PresetTest, HomeAssistantEntitiesOfOneObjectAreOneSensor) {
  use_preset("ha-statestream");
  EXPECT_EQ(one("homeassistant/sensor/garden_temperature/state", "21").sensor_id(), "ha:garden");
  EXPECT_EQ(one("homeassistant/sensor/garden_humidity/state", "55").sensor_id(), "ha:garden");
  EXPECT_EQ(one("homeassistant/sensor/uptime/state", "55").sensor_id(), "ha:uptime");
}

TEST_F(PresetTest, HomeAssistantAttributesAreIgnored) {
  use_preset("ha-statestream");
  const auto readings = decode("homeassistant/sensor/garden_temperature/unit_of_measurement", "\"°C\"");
  ASSERT_TRUE(readings);
  EXPECT_THAT(*readings, IsEmpty());
}

TEST_F(PresetTest, WeewxNamesCarryTheirUnit) {
  use_preset("weewx");
  const auto reading = one(
      "weather/loop",
      R"({"dateTime":"1758349800.0","outTemp_F":"71.78","barometer_inHg":"29.92","windSpeed_mph":"10","windDir":"270.0","outHumidity":"60.0","rainRate_inch_per_hour":"0.1","dayRain_in":"1","rain_total":"7","radiation_Wpm2":"512"})");
  EXPECT_EQ(reading.sensor_id(), "weewx:weather");
  EXPECT_EQ(time_of(reading), "2025-09-20T06:30:00Z");
  EXPECT_THAT(quantities(reading),
              ElementsAre("air_temperature 22.1", "air_pressure_at_mean_sea_level 1013.2", "wind_speed 4.47",
                          "wind_from_direction 270", "relative_humidity 60", "rainfall_rate 2.54",
                          "thickness_of_rainfall_amount[daily] 25.4 counter",
                          "surface_downwelling_shortwave_flux_in_air 512"));
  EXPECT_EQ(reading.extra_json(), R"({"rain_total":"7"})");
}

TEST_F(PresetTest, WeewxWithoutUnitLabelsSaysItsSystemOnce) {
  use_preset("weewx");
  EXPECT_THAT(quantities(one("weather/loop", R"({"outTemp":71.78,"windSpeed":10,"rain":1,"usUnits":1})")),
              ElementsAre("air_temperature 22.1", "wind_speed 4.47", "thickness_of_rainfall_amount 25.4"));
  EXPECT_THAT(quantities(one("weather/loop", R"({"outTemp":22.1,"windSpeed":36,"rain":1,"usUnits":16})")),
              ElementsAre("air_temperature 22.1", "wind_speed 10", "thickness_of_rainfall_amount 10"));
}

TEST_F(PresetTest, TheengsCelsiusAndFahrenheitAreOneQuantityOfOneSensorBehindAnyGateway) {
  use_preset("openmqttgateway");
  const auto reading = one(
      "home/OMG_ESP32/BTtoMQTT/A4C138000000",
      R"({"id":"A4:C1:38:00:00:00","name":"LYWSD03MMC","rssi":-71,"model":"LYWSD03MMC/MJWSD05MMC","tempc":22.5,"tempf":72.5,"hum":45,"batt":90,"volt":2.9})");
  EXPECT_EQ(reading.sensor_id(), "ble:A4:C1:38:00:00:00");
  EXPECT_THAT(quantities(reading), ElementsAre("air_temperature 22.5", "relative_humidity 45"));
  EXPECT_EQ(reading.source().model(), "LYWSD03MMC/MJWSD05MMC");
  EXPECT_EQ(reading.extra_json(), R"({"id":"A4:C1:38:00:00:00","name":"LYWSD03MMC"})");
}

constexpr std::string_view ruuvi_topic = "ruuvi/C8:25:2D:8E:9C:2C/CB:B8:33:4C:88:4F";
std::string ruuvi(std::string_view rssi, std::string_view gateway_time) {
  return R"({"gw_mac":"C8:25:2D:8E:9C:2C","rssi":)" + std::string(rssi) + R"(,"aoa":[],"gwts":")" +
         std::string(gateway_time) +
         R"(","ts":"1758349800","data":"0201061BFF99040512FC5394C37C0004FFFC040CAC364200CDCBB8334C884F","coords":""})";
}

TEST_F(PresetTest, RuuviGatewayTimesAreStringsAndTheReceivers) {
  use_preset("ruuvi-gateway");
  const auto reading = one(ruuvi_topic, ruuvi("-26", "1758349801"));
  EXPECT_EQ(reading.sensor_id(), "ruuvi:CB:B8:33:4C:88:4F");
  EXPECT_THAT(quantities(reading),
              ElementsAre("air_temperature 24.3", "relative_humidity 53.49", "air_pressure 1000.44"));
  EXPECT_EQ(time_of(reading), "2025-09-20T06:30:00Z");
  EXPECT_EQ(reading.time_source(), v1::TIME_RECEIVER);
  EXPECT_EQ(reading.source_sequence(), 206U);
  EXPECT_FLOAT_EQ(reading.link().battery_v(), 2.977F);
  EXPECT_FLOAT_EQ(reading.link().rssi_dbm(), -26);
}

TEST_F(PresetTest, RuuviPacketHeardByTwoGatewaysIsOneReading) {
  use_preset("ruuvi-gateway");
  one(ruuvi_topic, ruuvi("-26", "1758349801"));
  const auto second = decode("ruuvi/AA:AA:AA:AA:AA:AA/CB:B8:33:4C:88:4F", ruuvi("-80", "1758349802"));
  ASSERT_TRUE(second);
  EXPECT_THAT(*second, IsEmpty());
}

TEST_F(PresetTest, RuuviAdvertisementOfAnotherFormatIsAnErrorWithItsReason) {
  use_preset("ruuvi-gateway");
  EXPECT_EQ(reason(ruuvi_topic, R"({"data":"0201061BFF990403","ts":"1"})"), "ruuvi_data");
}

TEST_F(PresetTest, WhatCannotBeReadSaysWhy) {
  use_preset("tasmota");
  EXPECT_EQ(reason("tele/roof/SENSOR", "{\"AM2301\":"), "json_syntax");
  EXPECT_EQ(reason("elsewhere/roof/RESULT", "{}"), "no_mapping");
  use_preset("openmqttgateway");
  EXPECT_EQ(reason("home/g/BTtoMQTT/A", R"({"tempc":1})"), "no_id");
  use_preset("weewx");
  EXPECT_EQ(reason("weather/loop", R"({"foo":"bar"})"), "no_quantity");
}

}  // namespace
}  // namespace weather::sensors
