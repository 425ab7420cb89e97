#include "sensors/quality/quality_toml.hpp"

#include <gmock/gmock.h>

#include "sensors/quality/stage.hpp"
#include "sensors/reading/builder.hpp"

namespace weather::sensors {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

QualitySettings settings_of(std::string_view toml, const QualitySettings& before = {}) {
  auto settings = quality_from_table(toml::parse(toml), before);
  EXPECT_TRUE(settings) << (settings ? "" : settings.error().front().text);
  return settings ? *settings : QualitySettings{};
}

std::vector<std::string> errors_of(std::string_view toml) {
  std::vector<std::string> texts;
  if (const auto settings = quality_from_table(toml::parse(toml)); !settings)
    for (const auto& error : settings.error())
      texts.push_back(std::to_string(error.line) + ": " + error.text);
  return texts;
}

v1::Reading with(double celsius, std::int64_t at_s = 1'000) {
  v1::Reading reading;
  reading.set_sensor_id("roof");
  reading.set_event_time_ns(static_cast<std::uint64_t>(at_s) * 1'000'000'000U);
  add_quantity(reading, {.name = "temperature"}, celsius);
  return reading;
}

std::uint32_t checked(Stage& stage, v1::Reading reading) {
  stage.apply(reading, 0);
  EXPECT_EQ(reading.quantities_size(), 1) << "a check deletes nothing";
  return reading.quantities(0).qc();
}

TEST(QualityToml, ATableSaysWhatIsPlausibleHere) {
  Stage stage(
      {.checks =
           settings_of("[temperature]\nlow = -20\nhigh = 30\nstep = 1\nstep_within = \"10m\"\n").checks});
  EXPECT_EQ(checked(stage, with(-20.5)), v1::QC_RANGE);
  EXPECT_EQ(checked(stage, with(25, 1'000)), v1::QC_NONE);
  EXPECT_EQ(checked(stage, with(26.5, 1'500)), v1::QC_STEP);
  EXPECT_EQ(checked(stage, with(28.5, 2'500)), v1::QC_NONE) << "more than ten minutes apart";
}

TEST(QualityToml, PersistenceAndItsRest) {
  Stage stage({.checks = settings_of("[air_temperature]\nstuck_after = \"1h\"\nrest = [0, 1]\n").checks});
  EXPECT_EQ(checked(stage, with(0.5, 1'000)), v1::QC_NONE);
  EXPECT_EQ(checked(stage, with(0.5, 9'000)), v1::QC_NONE);
  EXPECT_EQ(checked(stage, with(9.5, 9'100)), v1::QC_NONE);
  EXPECT_EQ(checked(stage, with(9.5, 12'700)), v1::QC_PERSISTENCE);
}

TEST(QualityToml, SentinelsAreOnesOwn) {
  Stage stage({.checks = settings_of("sentinels = [-40.0, 55]\n").checks});
  EXPECT_EQ(checked(stage, with(-40)), v1::QC_SENTINEL);
  EXPECT_EQ(checked(stage, with(55)), v1::QC_SENTINEL);
  EXPECT_EQ(checked(stage, with(-9999)), v1::QC_RANGE) << "no sentinel any more";
}

TEST(QualityToml, ConsistencyCanBeSwitchedOff) {
  v1::Reading reading;
  reading.set_sensor_id("roof");
  add_quantity(reading, {.name = "wind_speed"}, 9.0);
  add_quantity(reading, {.name = "wind_gust"}, 3.0);
  auto other = reading;
  Stage on({.checks = settings_of("").checks}), off({.checks = settings_of("consistency = false").checks});
  on.apply(reading, 0);
  off.apply(other, 0);
  EXPECT_EQ(reading.quantities(0).qc(), v1::QC_CONSISTENCY);
  EXPECT_EQ(other.quantities(0).qc(), v1::QC_NONE);
}

TEST(QualityToml, AQuantityOfOnesOwnHasLimitsToo) {
  const auto settings = settings_of("[sap_flow]\nlow = 0\nhigh = 10\n");
  EXPECT_EQ(settings.checks.limits.at("sap_flow").high, 10);
  EXPECT_EQ(settings.checks.limits.at("air_temperature").low,
            default_quality_limits().at("air_temperature").low);
}

TEST(QualityToml, ALaterFileChangesWhatItNames) {
  const auto first = settings_of("rain_wraps_at_mm = 6000\n[temperature]\nlow = -20\n");
  const auto both = settings_of("[temperature]\nhigh = 30\n", first);
  EXPECT_EQ(both.checks.limits.at("air_temperature").low, -20);
  EXPECT_EQ(both.checks.limits.at("air_temperature").high, 30);
  EXPECT_EQ(both.rain.modulus_mm, 6000);
}

TEST(QualityToml, FaultsHaveTheirPlaceAllAtOnce) {
  EXPECT_THAT(errors_of("sentinel = [1]\n[temperature]\nlow = 5\nhigh = 1\nstep = 0\nstep_within = \"1 "
                        "minute\"\nrest = [3]\nmax = 4\n"),
              ElementsAre(HasSubstr("\"sentinel\" is no key of [quality]"),
                          HasSubstr("8: [quality.QUANTITY] has no key \"max\""),
                          HasSubstr("low must not be above high"), HasSubstr("step must be above 0"),
                          HasSubstr("6: step_within is a duration"), HasSubstr("7: rest is [LOW, HIGH]")));
  EXPECT_THAT(errors_of("rain_wraps_at_mm = -1"), ElementsAre(HasSubstr("must not be negative")));
}

}  // namespace
}  // namespace weather::sensors
