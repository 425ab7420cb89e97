#include <gmock/gmock.h>

#include "sensors/mapping/toml.hpp"

namespace weather::sensors {
namespace {

std::string explain(std::string_view preset, std::string_view topic, std::string_view payload) {
  auto mappings = mappings_from_text("[[mapping]]\npreset = \"" + std::string(preset) + "\"\n");
  Message message;
  message.topic = topic;
  message.payload = payload;
  return Mapper(std::move(*mappings)).explain(message);
}

TEST(Explain, EachFieldSaysWhatItBecameOrWhyNot) {
  EXPECT_EQ(
      explain(
          "tasmota", "tele/roof/SENSOR",
          R"({"Time":"2018-03-02T18:25:03","AM2301":{"Temperature":71.78,"Humidity":null,"Id":"3C"},"TempUnit":"F"})"),
      R"(topic "tele/roof/SENSOR": mapping tasmota, device = "roof"
  sensor tasmota:roof: 2 quantities
  event time: arrival, because /Time "2018-03-02T18:25:03" is a local time without its zone
  /Time = "2018-03-02T18:25:03" -> kept as it came: no rule for it
  /AM2301/Temperature = 71.78 -> air_temperature 22.1 Cel, part "AM2301" (rule /{part}/Temperature, unit from /TempUnit)
  /AM2301/Humidity = null -> relative_humidity null %, part "AM2301", missing: the source had no value (rule /{part}/Humidity)
  /AM2301/Id = "3C" -> kept as it came: no rule for it
  /TempUnit = "F" -> the unit or name of another field
)");
}

TEST(Explain, ATopicNobodyWantsListsThePatterns) {
  EXPECT_EQ(explain("ruuvi-gateway", "stat/roof", "{}"),
            "topic \"stat/roof\" matches no mapping; their patterns are:\n  ruuvi: ruuvi/{gateway}/{tag}\n");
}

TEST(Explain, AConditionThatDoesNotHoldIsNamed) {
  EXPECT_EQ(explain("shelly-gen2", "x/events/rpc", R"({"method":"NotifyEvent"})"),
            "topic \"x/events/rpc\": mapping shelly, device = \"x\"\n"
            "  passed over: /method is \"NotifyEvent\", this mapping wants \"NotifyStatus\" or "
            "\"NotifyFullStatus\"\n"
            "topic \"x/events/rpc\": mapping shelly-blu, device = \"x\"\n"
            "  passed over: /params/events/0/event is not there, this mapping wants \"shelly-blu\"\n");
}

TEST(Explain, AnIgnoredTopicIsNamed) {
  EXPECT_EQ(explain("tasmota", "tele/roof/LWT", "Online"),
            "topic \"tele/roof/LWT\" carries no readings: passed over\n");
  EXPECT_EQ(explain("zigbee2mqtt", "zigbee2mqtt/bridge", "online"),
            "topic \"zigbee2mqtt/bridge\": mapping zigbee2mqtt ignores it: it carries no readings\n");
}

TEST(Explain, APayloadThatIsNoReadingSaysWhereItGoes) {
  EXPECT_THAT(explain("weewx", "weather/loop", R"({"Total":"x"})"),
              testing::HasSubstr("no reading (no_quantity): mapping weewx has no rule for any of its fields: "
                                 "/Total. The payload is kept raw among the dead letters\n"));
}

TEST(Explain, TheSecondFormOfAQuantityIsNamed) {
  EXPECT_THAT(explain("openmqttgateway", "home/g/BTtoMQTT/A", R"({"id":"A","tempc":22.5,"tempf":72.5})"),
              testing::HasSubstr("/tempf = 72.5 -> left out: air_temperature is taken already"));
}

}  // namespace
}  // namespace weather::sensors
