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
