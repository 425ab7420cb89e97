#include "sensors/mapping/names.hpp"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "sensors/reading/quantities.hpp"

namespace weather::sensors {
namespace {

std::string said(std::string_view name) {
  const auto found = look_up_name(name);
  if (!found) return "unknown";
  std::string out = found->kind == NameKind::something_else ? "like " : "";
  out += found->quantity;
  if (!found->before.empty()) out += " at " + found->before;
  if (!found->number.empty()) out += " number " + found->number;
  if (!found->unit.empty()) out += " in " + std::string(found->unit);
  if (found->stat == v1::STAT_MAX) out += " max";
  return out;
}

// A sender may make up any number of names; what is remembered of them changes nothing.
TEST(Names, ANameIsReadTheSameHoweverManyWereReadBefore) {
  const auto name_of = [](int i) {
    static const char* const words[] = {"temperature", "humidity_max", "cpu_temperature", "wind_speed_kmh",
                                        "colour"};
    return (i % 3 == 0 ? std::string(70, 'x') + std::to_string(i) : "site" + std::to_string(i)) + "_" +
           words[i % 5];
  };
  std::vector<std::string> first;
  for (int i = 0; i < 3000; ++i) first.push_back(said(name_of(i)));
  for (int i = 2999; i >= 0; --i) {
    EXPECT_EQ(said(name_of(i)), first[static_cast<std::size_t>(i)]) << name_of(i);
    EXPECT_EQ(said(name_of(i)), first[static_cast<std::size_t>(i)]) << name_of(i) << " again";
  }
}

TEST(Names, TheLastWordsAreTheQuantityAndTheOnesBeforeThePlace) {
  EXPECT_EQ(said("garden_temperature"), "air_temperature at garden");
  EXPECT_EQ(said("garden_soil_temperature"), "soil_temperature at garden");
  EXPECT_EQ(said("airHumidity"), "relative_humidity");
  EXPECT_EQ(said("Barometric Pressure"), "air_pressure");
  EXPECT_EQ(said("roof/north_wind_gust"), "wind_speed_of_gust at roof.north");
  EXPECT_EQ(said("wind_chill_of_air_temperature"), "wind_chill_of_air_temperature");
}

TEST(Names, AUnitAStatisticOrANumberMayStandBehind) {
  EXPECT_EQ(said("outdoor_temp_f"), "air_temperature at outdoor in [degF]");
  EXPECT_EQ(said("wind_speed_km_h"), "wind_speed in km/h");
  EXPECT_EQ(said("ILL_lx"), "illuminance in lx");
  EXPECT_EQ(said("temperature_max"), "air_temperature max");
  EXPECT_EQ(said("soil_moisture_3"), "soil_moisture number 3");
}

TEST(Names, DigitsOfAQuantityAreNoChannel) {
  for (const char* name : {"pm2.5", "pm_2_5", "PM2_5", "pm25"}) EXPECT_EQ(said(name), "pm2p5") << name;
  for (const char* name : {"pm1", "pm_1", "pm_1_0", "pm1_0"}) EXPECT_EQ(said(name), "pm1") << name;
  EXPECT_EQ(said("pm_10_0"), "pm10");
  EXPECT_EQ(said("CO2"), "co2");
}

TEST(Names, WhatIsNotTheAirsIsNotTheAirs) {
  for (const char* name : {"cpu_temperature", "tyre_pressure", "ESP32/Temperature", "target_humidity"})
    EXPECT_TRUE(said(name).starts_with("like ")) << name << " " << said(name);
  for (const char* name :
       {"color_temperature", "absolute_humidity", "temperature_offset", "uptime", "speed_of_light", ""})
    EXPECT_EQ(said(name), "unknown") << name;
}

TEST(Names, EveryCanonicalNameAndAliasMeansItself) {
  for (const auto& info : known_quantities())
    for (const auto name : {info.name, info.alias}) {
      const auto found = look_up_name(name);
      ASSERT_TRUE(found) << name;
      EXPECT_TRUE(found->quantity == info.name || found->kind != NameKind::quantity)
          << name << " " << said(name);
      EXPECT_EQ(found->before, "") << name;
    }
}

}  // namespace
}  // namespace weather::sensors
