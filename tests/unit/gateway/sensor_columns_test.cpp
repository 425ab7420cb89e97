#include "gateway/commands/sensor_columns.hpp"

#include <boost/json/parse.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gateway/output/columns.hpp"
#include "gateway/status/value_text.hpp"

namespace weather::gateway {
namespace {

using testing::HasSubstr;
using testing::Not;

const boost::json::value sensors = boost::json::parse(R"j({"sensors":[
 {"id":"attic","state":"ok","source":"mqtt:127.0.0.1:1883","age_seconds":446,"quality":"good",
  "value":{"temperature":21.611111111111114,"wind_direction":270,"door":"open","co2":null},
  "units":{"temperature":"°C","wind_direction":"°"}},
 {"id":"rtl433:Fineoffset-WH51:0a1b2c","state":"late","source":"mqtt","age_seconds":90061,
  "quality":"doubtful: temperature (step)","battery_low":true,"battery_volts":2.5,"value":{"soil_moisture":40}}]})j");

TEST(SensorColumns, IsATableWithAHeadAndPeoplesTimes) {
  const auto lines = sensor_table(sensors, 0, false);
  ASSERT_EQ(lines.size(), 3U);
  EXPECT_EQ(lines[0], "SENSOR                         STATE  AGE         SOURCE               VALUE");
  EXPECT_EQ(lines[1],
            "attic                          ok     7 min 26 s  mqtt:127.0.0.1:1883  temperature 21.6 °C, "
            "wind direction 270°, door open, co2 none");
  EXPECT_THAT(lines[2], HasSubstr("late   1 d 1 h"));
  EXPECT_THAT(lines[2], HasSubstr("battery low (2.50 V), doubtful: temperature (step); soil moisture 40"));
}

TEST(SensorColumns, FitsTheTerminalAndKeepsWhatMatters) {
  for (const std::size_t width : {1U, 20U, 40U, 80U, 99U, 100U, 120U, 200U})
    for (const auto& line : sensor_table(sensors, width, false)) EXPECT_LE(columns_of(line), width) << line;
  EXPECT_THAT(sensor_table(sensors, 80, false)[2], HasSubstr("battery low"));
  EXPECT_THAT(sensor_table(sensors, 80, true)[2], HasSubstr("\x1b[33m"));
  EXPECT_THAT(sensor_table(sensors, 80, false)[2], Not(HasSubstr("\x1b")));
}

TEST(SensorColumns, OfNobodySaysSo) {
  EXPECT_EQ(sensor_table(boost::json::parse(R"({"sensors":[]})"), 80, false).front(),
            "no sensor has been heard of yet");
}

TEST(ValueText, EscapesWhatIsForeign) {
  const auto sensor = boost::json::parse(R"({"value":{"a\u001b[2J":"b\nc"},"units":{}})").as_object();
  EXPECT_EQ(value_text(sensor), "a\\x1b[2J b\\nc");
}

}  // namespace
}  // namespace weather::gateway
