#include "sensors/pulse/vane.hpp"

#include <cmath>

#include <gmock/gmock.h>

#include "sensors/reading/direction.hpp"

namespace weather::sensors {
namespace {

using testing::HasSubstr;

// Argent's 80422 (SparkFun SEN-15901): its data sheet has a resistance for each direction.
const std::map<double, double> ohms = {{0, 33'000},    {22.5, 6'570},   {45, 8'200},   {67.5, 891},
                                       {90, 1'000},    {112.5, 688},    {135, 2'200},  {157.5, 1'410},
                                       {180, 3'900},   {202.5, 3'140},  {225, 16'000}, {247.5, 14'120},
                                       {270, 120'000}, {292.5, 42'120}, {315, 64'900}, {337.5, 21'880}};
// docs/sensors.md: at 3.3 V, with 4.7 kOhm to ground.
const std::map<std::string, std::string> kit_table = {
    {"124", "270"},    {"223", "315"}, {"331", "292.5"}, {"411", "0"},     {"584", "337.5"},  {"749", "225"},
    {"824", "247.5"},  {"1202", "45"}, {"1376", "22.5"}, {"1803", "180"},  {"1978", "202.5"}, {"2248", "135"},
    {"2538", "157.5"}, {"2721", "90"}, {"2774", "67.5"}, {"2879", "112.5"}};

double kit_mv(double resistance) {
  return 3300.0 * 4700 / (4700 + resistance);
}

TEST(VaneTable, TheKitsVaneSaysEachOfItsDirections) {
  const auto table = VaneTable::parse(kit_table, BetweenEntries::nearest);
  ASSERT_TRUE(table) << table.error();
  for (const auto& [degrees, resistance] : ohms) {
    EXPECT_EQ(table->degrees(kit_mv(resistance)), degrees) << kit_mv(resistance);
    EXPECT_EQ(table->degrees(kit_mv(resistance * 1.01)), degrees) << "resistors of 1 %";
  }
}

TEST(VaneTable, AVaneThatIsNotThereSaysNothing) {
  const auto table = VaneTable::parse(kit_table, BetweenEntries::nearest);
  EXPECT_EQ(table->degrees(0), std::nullopt);
  EXPECT_EQ(table->degrees(3300), std::nullopt);
  EXPECT_EQ(table->degrees(std::nan("")), std::nullopt);
}

TEST(VaneTable, APotentiometerIsReadBetweenItsEnds) {
  const auto table = VaneTable::parse({{"0", "0"}, {"3300", "360"}}, BetweenEntries::linear);
  ASSERT_TRUE(table) << table.error();
  EXPECT_DOUBLE_EQ(*table->degrees(1650), 180);
  EXPECT_DOUBLE_EQ(*table->degrees(825), 90);
  EXPECT_EQ(table->degrees(0), 0);
  EXPECT_EQ(table->degrees(3300), 0);
  EXPECT_EQ(table->degrees(3320), 0);
  EXPECT_EQ(table->degrees(3400), std::nullopt);
}

TEST(VaneTable, SaysWhatIsWrongWithIt) {
  const auto error = [](const std::map<std::string, std::string>& entries) {
    const auto table = VaneTable::parse(entries, BetweenEntries::nearest);
    return table ? "" : table.error();
  };
  EXPECT_THAT(error({{"1", "0"}}), HasSubstr("two entries"));
  EXPECT_THAT(error({{"low", "0"}, {"2", "1"}}), HasSubstr("\"low\" is no number of millivolts"));
  EXPECT_THAT(error({{"1", "N"}, {"2", "1"}}), HasSubstr("\"N\" is no direction"));
  EXPECT_THAT(error({{"1", "361"}, {"2", "1"}}), HasSubstr("from 0 to 360"));
  EXPECT_THAT(error({{"1", "0"}, {"1.0", "1"}}), HasSubstr("twice"));
}

TEST(MeanDirection, GoesThroughNorth) {
  MeanDirection mean;
  EXPECT_EQ(mean.mean(), std::nullopt);
  mean.add(350);
  mean.add(10);
  EXPECT_NEAR(std::remainder(*mean.mean(), 360), 0, 1e-9);
  mean.clear();
  for (const double degrees : {80, 100, 90}) mean.add(degrees);
  EXPECT_NEAR(*mean.mean(), 90, 1e-9);
}

TEST(MeanDirection, WhatCancelsOutIsNoDirection) {
  MeanDirection mean;
  for (const double degrees : {0, 90, 180, 270}) mean.add(degrees);
  EXPECT_EQ(mean.mean(), std::nullopt);
}

}  // namespace
}  // namespace weather::sensors
