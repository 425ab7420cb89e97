#include "sensors/reading/builder.hpp"

#include <cmath>

#include <gtest/gtest.h>

namespace weather::sensors {
namespace {

TEST(Builder, AConversionKeepsWhatCameIn) {
  v1::Reading reading;
  const auto& q =
      add_quantity(reading, {.name = "temperature", .unit = "[degF]", .source_field = "tempf"}, 71.78);
  EXPECT_EQ(q.name(), "air_temperature");
  EXPECT_EQ(q.number(), 22.1);
  EXPECT_EQ(q.unit(), "");
  EXPECT_EQ(q.src_field(), "tempf");
  EXPECT_EQ(q.src_value(), 71.78);
  EXPECT_EQ(q.src_unit(), "[degF]");
}

TEST(Builder, TheCanonicalUnitNeedsNoConversionAndAnIntegerStaysOne) {
  v1::Reading reading;
  const auto& q = add_quantity(reading, {.name = "relative_humidity", .unit = "%", .source_field = "h"},
                               std::int64_t{60});
  EXPECT_EQ(q.integer(), 60);
  EXPECT_EQ(q.unit(), "");
  EXPECT_EQ(q.src_field(), "");
}

TEST(Builder, AUnitNobodyCanConvertIsKept) {
  v1::Reading reading;
  EXPECT_EQ(add_quantity(reading, {.name = "temperature", .unit = "furlong"}, 1.0).unit(), "furlong");
  EXPECT_EQ(add_quantity(reading, {.name = "bee_count", .unit = "1"}, std::int64_t{7}).unit(), "1");
  EXPECT_EQ(add_quantity(reading, {.name = "temperature", .unit = "[degF]"}, std::string_view{"hot"}).unit(),
            "[degF]");
}

// Issue 17: a canonical name is only for the canonical quantity.
TEST(Builder, AKnownNameIsForANumberInOneOfItsUnitsAlone) {
  v1::Reading reading;
  EXPECT_EQ(add_quantity(reading, {.name = "temperature", .unit = "hPa"}, 1.0).name(), "temperature_raw");
  EXPECT_EQ(add_quantity(reading, {.name = "rain"}, true).name(), "rain_raw");
  EXPECT_EQ(add_quantity(reading, {.name = "wind_from_direction"}, std::string_view{"NNW"}).name(),
            "wind_direction_raw");
  EXPECT_EQ(add_quantity(reading, {.name = "temperature"}, std::string_view{"21,4"}).text(), "21,4");
  EXPECT_EQ(add_quantity(reading, {.name = "uv_index", .unit = "1"}, 5.0).unit(), "");
}

// Issue 17: one rule for values.
TEST(Builder, ATextWhereANumberIsExpectedIsTheNumberInIt) {
  v1::Reading reading;
  EXPECT_EQ(add_quantity(reading, {.name = "temperature"}, std::string_view{" 24.1 "}).number(), 24.1);
  EXPECT_EQ(add_quantity(reading, {.name = "setpoint", .unit = "[degF]"}, std::string_view{"68"}).integer(),
            68);
  EXPECT_EQ(add_quantity(reading, {.name = "firmware"}, std::string_view{"1.10"}).text(), "1.10");
  for (const std::string_view none : {"nan", "-inf", "", "unavailable"}) {
    const auto& q = add_quantity(reading, {.name = "temperature", .unit = "[degF]"}, none);
    EXPECT_EQ(q.value_case(), v1::Quantity::VALUE_NOT_SET);
    EXPECT_EQ(q.quality(), v1::QUALITY_MISSING) << none;
  }
}

TEST(Builder, TheNoiseOfAFloatIsNoMeasurement) {
  v1::Reading reading;
  EXPECT_EQ(add_quantity(reading, {.name = "temperature"}, 22.200000762939453).number(), 22.2);
  EXPECT_EQ(add_quantity(reading, {.name = "temperature"}, 35.300000000000004).number(), 35.3);
  EXPECT_EQ(add_quantity(reading, {.name = "temperature"}, 22.123456789).number(), 22.123456789);
}

// Issue 17: rounded to what the sensor and the conversion can know.
TEST(Builder, AConvertedValueHasTheDigitsOfItsMeasurement) {
  const struct {
    const char *name, *unit;
    double sent, stored;
  } cases[] = {{"temperature", "[degF]", 68, 20},      {"temperature", "[degF]", 70.9, 21.6},
               {"temperature", "[degF]", 75, 23.9},    {"pressure", "[in_i'Hg]", 29.92, 1013.2},
               {"pressure", "kPa", 101.325, 1013.25},  {"pressure", "Pa", 101325, 1013.25},
               {"wind_speed", "[mi_i]/h", 1.79, 0.8},  {"wind_speed", "km/h", 36, 10},
               {"rain", "[in_i]", 0.01, 0.254},        {"rain", "[in_i]", 0.66, 16.764},
               {"temperature", "K", 295.65, 22.5},     {"illuminance", "klx", 62.521, 62521},
               {"battery_voltage", "mV", 2987, 2.987}, {"temperature", "[degF]", 32, 0},
               {"visibility", "[mi_i]", 10, 16.1},     {"wind_speed", "[kn_i]", 0, 0}};
  for (const auto& c : cases) {
    v1::Reading reading;
    const auto& q = add_quantity(reading, {.name = c.name, .unit = c.unit, .source_field = "f"}, c.sent);
    EXPECT_EQ(q.number(), c.stored) << c.name << ' ' << c.sent << ' ' << c.unit;
    EXPECT_EQ(q.src_value(), c.sent) << "raw is kept";
  }
}

TEST(Builder, ANumberThatIsNotFiniteIsMissing) {
  v1::Reading reading;
  const auto& q = add_quantity(reading, {.name = "temperature"}, std::nan(""));
  EXPECT_EQ(q.value_case(), v1::Quantity::VALUE_NOT_SET);
  EXPECT_EQ(q.quality(), v1::QUALITY_MISSING);
}

TEST(Builder, ForeignBytesBecomeTextProtobufCanReadBack) {
  v1::Reading reading;
  add_quantity(reading, {.name = "note\xff"}, std::string_view{"\xc3\x28"});
  v1::Reading copy;
  ASSERT_TRUE(copy.ParseFromString(reading.SerializeAsString()));
  EXPECT_EQ(copy.quantities(0).text(), "\uFFFD(");
}

TEST(Builder, QuantitiesAreFoundByNameAndPart) {
  v1::Reading reading;
  add_quantity(reading, {.name = "temperature"}, 1.0);
  add_quantity(reading, {.name = "temperature", .part = "indoor"}, std::int64_t{2});
  double value = 0;
  ASSERT_NE(find_quantity(reading, "air_temperature", "indoor"), nullptr);
  EXPECT_TRUE(numeric_value(*find_quantity(reading, "air_temperature", "indoor"), value));
  EXPECT_EQ(value, 2);
  EXPECT_EQ(find_quantity(reading, "air_temperature", "soil.1"), nullptr);
}

TEST(Builder, TheLastLevelOfATopicIsFound) {
  EXPECT_EQ(last_level("weather/nairobi/sensor-001"), "sensor-001");
  EXPECT_EQ(last_level("sensor-001"), "sensor-001");
  EXPECT_EQ(last_level("weather/sensor-001//"), "sensor-001");
  EXPECT_EQ(last_level("/"), "");
}

}  // namespace
}  // namespace weather::sensors
