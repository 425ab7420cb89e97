#include "gateway/status/shown_value.hpp"

#include <cmath>
#include <random>

#include <gtest/gtest.h>

namespace weather::gateway {
namespace {

TEST(ShownValue, is_rounded_as_its_unit_wants) {
  for (const auto& [value, unit, text] : {std::tuple(21.611111111111114, "°C", "21.6 °C"),
                                          {-0.04, "°C", "-0.04 °C"},
                                          {-0.0, "°C", "0.0 °C"},
                                          {60.4999, "%", "60 %"},
                                          {1013.2499, "hPa", "1013.2 hPa"},
                                          {271.5, "°", "272°"},
                                          {2.9871, "V", "2.99 V"},
                                          {29.9213, "inHg", "29.92 inHg"},
                                          {0.254, "mm", "0.3 mm"},
                                          {12.34, "µg/m³", "12.3 µg/m³"},
                                          {1.0 / 3, "", "0.3333"},
                                          {12345.678, "", "12346"},
                                          {7.0, "", "7"},
                                          {1.5e12, "", "1.5e+12"},
                                          {1.23456e12, "hPa", "1.235e+12 hPa"},
                                          {0.123456, "furlong", "0.1235 furlong"}})
    EXPECT_EQ(shown_number(value, unit), text) << value << " " << unit;
  EXPECT_EQ(shown_number(std::nan(""), "°C"), "– °C");
}

// Whatever a sensor says: short, and near what it said.
TEST(ShownValue, of_any_number_is_short_and_near_it) {
  std::mt19937_64 random(3);
  for (int i = 0; i < 20'000; ++i) {
    const double value = std::ldexp(std::uniform_real_distribution(-1.0, 1.0)(random),
                                    std::uniform_int_distribution(-60, 100)(random));
    for (const auto* unit : {"", "°C", "%", "V", "furlong"}) {
      const auto text = shown_number(value, unit);
      EXPECT_LE(text.size(), 40U) << text;
      const double back = std::strtod(text.c_str(), nullptr);
      EXPECT_NEAR(back, value, std::max(0.51, std::abs(value) / 1000)) << text;
      EXPECT_EQ(back == 0, value == 0) << text;
    }
  }
}

TEST(ShownValue, has_names_and_units_as_people_write_them) {
  SensorStatus sensor;
  sensor.value_json =
      R"({"temperature_indoor":21.611111111111114,"humidity":60,"place":"Nairobi","door":true,"x":null,"more":{"a":1}})";
  sensor.units_json = R"({"temperature_indoor":"°C","humidity":"%"})";
  EXPECT_EQ(value_line(sensor, 99),
            "temperature indoor 21.6 °C, humidity 60 %, place Nairobi, door true, x none, more {\"a\":1}");
  EXPECT_EQ(value_line(sensor, 2), "temperature indoor 21.6 °C, humidity 60 % and 4 more");
  sensor.units_json = "";
  EXPECT_EQ(value_line(sensor, 1), "temperature indoor 21.61 and 5 more");
  sensor.error = "not JSON";
  EXPECT_EQ(value_line(sensor, 1), "not JSON");
}

TEST(ShownValue, survives_what_is_no_object) {
  SensorStatus sensor;
  for (const auto* text : {"", "{", "[1]", "null"}) {
    sensor.value_json = text;
    EXPECT_EQ(value_line(sensor, 4), "") << text;
  }
  sensor.value_json = R"({"a":1})";
  sensor.units_json = R"({"a":5})";
  EXPECT_EQ(value_line(sensor, 4), "a 1");
}

}  // namespace
}  // namespace weather::gateway
