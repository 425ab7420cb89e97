#include "sensors/quality/checks.hpp"

#include <gtest/gtest.h>

#include "sensors/reading/builder.hpp"
#include "sensors/reading/quantities.hpp"

namespace weather::sensors {
namespace {

constexpr std::int64_t second = 1'000'000'000;

class Checks : public testing::Test {
 protected:
  // The quantity after the checks, in a reading of its own.
  v1::Quantity check(std::string_view name, double value, std::int64_t at_s, std::uint32_t flags = 0,
                     const std::string& sensor = "s") {
    v1::Reading reading;
    reading.set_sensor_id(sensor);
    reading.set_flags(flags);
    set_event_time(reading, at_s * second, v1::TIME_SENSOR);
    add_quantity(reading, {.name = name}, value);
    checks.apply(reading, 0);
    return reading.quantities(0);
  }
  unsigned flags(std::string_view name, double value, std::int64_t at_s) {
    return check(name, value, at_s).qc();
  }

  QualityChecks checks{QualityOptions{}};
};

TEST_F(Checks, AnOrdinaryValueIsGood) {
  const auto quantity = check("temperature", 22.5, 1000);
  EXPECT_EQ(quantity.quality(), v1::QUALITY_GOOD);
  EXPECT_EQ(quantity.qc(), 0U);
}

TEST_F(Checks, WhatCannotBeIsErroneousAndKept) {
  const auto quantity = check("temperature", 85, 1000);
  EXPECT_EQ(quantity.quality(), v1::QUALITY_ERRONEOUS);
  EXPECT_EQ(quantity.qc(), static_cast<unsigned>(v1::QC_RANGE));
  EXPECT_EQ(quantity.number(), 85);
  EXPECT_EQ(check("humidity", 105, 1000).quality(), v1::QUALITY_ERRONEOUS);
  EXPECT_EQ(check("humidity", 104, 2000).quality(), v1::QUALITY_GOOD) << "a wet hygrometer";
}

TEST_F(Checks, ASentinelIsMissingAlsoAfterItsConversion) {
  EXPECT_EQ(check("temperature", -9999, 1000).quality(), v1::QUALITY_MISSING);
  v1::Reading reading;
  add_quantity(reading, {.name = "temperature", .unit = "[degF]", .source_field = "tempf"}, -9999.0);
  checks.apply(reading, second);
  EXPECT_EQ(reading.quantities(0).qc(), static_cast<unsigned>(v1::QC_SENTINEL));
}

TEST_F(Checks, AStepFasterThanNatureIsDoubtful) {
  EXPECT_EQ(flags("temperature", 20, 1000), 0U);
  EXPECT_EQ(flags("temperature", 22.9, 1030), 0U);
  const auto quantity = check("temperature", 27, 1060);
  EXPECT_EQ(quantity.qc(), static_cast<unsigned>(v1::QC_STEP));
  EXPECT_EQ(quantity.quality(), v1::QUALITY_DOUBTFUL);
}

TEST_F(Checks, AnHourLaterTheSameStepIsWeather) {
  EXPECT_EQ(flags("temperature", 20, 1000), 0U);
  EXPECT_EQ(flags("temperature", 27, 4600), 0U);
}

TEST_F(Checks, SensorsAndPartsAreNotComparedWithEachOther) {
  EXPECT_EQ(flags("temperature", 20, 1000), 0U);
  EXPECT_EQ(check("temperature", 5, 1001, 0, "another").qc(), 0U);
}

TEST_F(Checks, ARetainedReadingIsCheckedButNotComparedWith) {
  EXPECT_EQ(flags("temperature", 20, 1000), 0U);
  EXPECT_EQ(check("temperature", 5, 1010, v1::FLAG_RETAINED).qc(), 0U);
  EXPECT_EQ(check("temperature", 99, 1010, v1::FLAG_HISTORICAL).qc(), static_cast<unsigned>(v1::QC_RANGE));
  EXPECT_EQ(flags("temperature", 20.5, 1020), 0U);
}

TEST_F(Checks, AReadingThatComesLateIsNoStep) {
  EXPECT_EQ(flags("temperature", 20, 1000), 0U);
  EXPECT_EQ(flags("temperature", 10, 990), 0U);
}

TEST_F(Checks, AStuckSensorIsDoubtfulButFogIsNot) {
  for (std::int64_t t = 0; t <= 13 * 3600; t += 600) {
    const bool late = t >= 12 * 3600;
    EXPECT_EQ(flags("pressure", 1013.25, 1000 + t), late ? static_cast<unsigned>(v1::QC_PERSISTENCE) : 0U)
        << t;
    EXPECT_EQ(flags("humidity", 100, 1000 + t), 0U);
  }
  EXPECT_EQ(flags("pressure", 1013.3, 1000 + 14 * 3600), 0U);
}

TEST_F(Checks, AGustBelowTheMeanAndADewPointAboveTheTemperatureContradict) {
  v1::Reading reading;
  add_quantity(reading, {.name = "wind_speed", .stat = v1::STAT_MEAN}, 5.0);
  add_quantity(reading, {.name = "wind_gust"}, 4.0);
  add_quantity(reading, {.name = "temperature"}, 10.0);
  add_quantity(reading, {.name = "dew_point"}, 12.0);
  checks.apply(reading, second);
  for (const auto& quantity : reading.quantities()) {
    EXPECT_EQ(quantity.qc(), static_cast<unsigned>(v1::QC_CONSISTENCY)) << quantity.name();
  }
}

TEST_F(Checks, FogIsNoContradiction) {
  v1::Reading reading;
  add_quantity(reading, {.name = "temperature"}, 10.0);
  add_quantity(reading, {.name = "dew_point"}, 10.3);
  checks.apply(reading, second);
  EXPECT_EQ(reading.quantities(1).qc(), 0U);
}

TEST_F(Checks, AnotherUnitIsConvertedForTheCheckAndLeftAsItIs) {
  v1::Reading reading;
  add_quantity(reading, {.name = "temperature"}, 71.6).set_unit("[degF]");
  checks.apply(reading, second);
  EXPECT_EQ(reading.quantities(0).quality(), v1::QUALITY_GOOD);
  EXPECT_EQ(reading.quantities(0).number(), 71.6);
}

TEST_F(Checks, WhatTheDecoderFlaggedStays) {
  v1::Reading reading;
  auto& quantity = add_quantity(reading, {.name = "temperature"}, 20.0);
  quantity.set_qc(v1::QC_UNIT_SUSPECT);
  quantity.set_quality(v1::QUALITY_DOUBTFUL);
  checks.apply(reading, second);
  EXPECT_EQ(reading.quantities(0).quality(), v1::QUALITY_DOUBTFUL);
}

TEST_F(Checks, WhatHasNoLimitsIsUnchecked) {
  EXPECT_EQ(check("bee_count", 1e9, 1000).quality(), v1::QUALITY_UNCHECKED);
}

TEST_F(Checks, ManySensorsDoNotFillTheMemory) {
  QualityChecks small(QualityOptions{}, 10);
  for (int i = 0; i < 1000; ++i) {
    v1::Reading reading;
    reading.set_sensor_id(std::to_string(i));
    add_quantity(reading, {.name = "temperature"}, 20.0);
    small.apply(reading, second);
    EXPECT_EQ(reading.quantities(0).quality(), v1::QUALITY_GOOD);
  }
}

TEST(Limits, EachIsOfAKnownQuantityAndNotEmpty) {
  for (const auto& [name, limits] : default_quality_limits()) {
    EXPECT_NE(find_quantity(name), nullptr) << name;
    EXPECT_LT(limits.low, limits.high) << name;
    EXPECT_GT(limits.step, 0) << name;
  }
}

}  // namespace
}  // namespace weather::sensors
