#include "bridge/thinning/quantity_fold.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sensors/reading/number.hpp"
#include "tests/unit/thinning/said.hpp"

namespace weather::bridge {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
constexpr auto all = {Statistic::mean, Statistic::min, Statistic::max, Statistic::count};

// "air_temperature MEAN 20.5"
std::vector<std::string> folded(std::initializer_list<v1::Reading> readings,
                                std::vector<Statistic> statistics = all) {
  QuantityFold fold;
  sensors::ReadingView view;
  for (const auto& reading : readings) {
    sensors::view_of(reading, view);
    fold.add(view);
  }
  v1::Reading summary;
  fold.write(statistics, 600, summary);
  std::vector<std::string> lines;
  for (const auto& one : summary.quantities()) {
    std::string line = one.name() + (one.part().empty() ? "" : "/" + one.part()) + " " +
                       v1::Stat_Name(one.stat()).substr(5) + " ";
    if (one.has_text())
      line += one.text();
    else if (one.has_integer())
      line += std::to_string(one.integer());
    else
      line += sensors::format_number(one.number());
    lines.push_back(line + (one.quality() == v1::QUALITY_DOUBTFUL ? " doubtful" : ""));
  }
  return lines;
}

v1::Reading roof(std::initializer_list<Says> values) {
  return said("roof", 0, values);
}

TEST(QuantityFold, WhatIsMeasuredAtAMomentGetsTheStatisticsAskedFor) {
  const auto at = [](double degrees) { return roof({{"air_temperature", degrees}}); };
  EXPECT_THAT(folded({at(20.1), at(20.2), at(19)}),
              ElementsAre("air_temperature MEAN 19.76667", "air_temperature MIN 19",
                          "air_temperature MAX 20.2", "number_of_observations SUM 3"));
  EXPECT_THAT(folded({at(20.1), at(20.2)}, {Statistic::mean}), ElementsAre("air_temperature MEAN 20.15"));
  EXPECT_THAT(folded({at(20.1), at(0.2)}, {Statistic::sum}), ElementsAre("air_temperature SUM 20.3"));
  EXPECT_THAT(folded({at(20.1), at(0.2)}, {Statistic::last}), ElementsAre("air_temperature INSTANT 0.2"));
}

TEST(QuantityFold, WhatIsAStatisticAlreadyStaysThat) {
  EXPECT_THAT(
      folded({roof({{"air_temperature", 25, v1::STAT_MAX}}), roof({{"air_temperature", 22, v1::STAT_MAX}})}),
      ElementsAre("air_temperature MAX 25", "number_of_observations SUM 2"));
  EXPECT_THAT(
      folded({roof({{"rainfall_amount", 0.2, v1::STAT_SUM}}), roof({{"rainfall_amount", 0.4, v1::STAT_SUM}})},
             {Statistic::mean}),
      ElementsAre("rainfall_amount SUM 0.6"));
  EXPECT_THAT(folded({roof({{"rainfall_amount", 118, v1::STAT_COUNTER}}),
                      roof({{"rainfall_amount", 1, v1::STAT_COUNTER}})},
                     {Statistic::mean}),
              ElementsAre("rainfall_amount COUNTER 1"));
}

TEST(QuantityFold, AMaximumSaidByTheSensorAndOneFoundAreOne) {
  const auto wind = [](double mean, double gust) {
    return roof({{"wind_speed", mean}, {"wind_speed", gust, v1::STAT_MAX}});
  };
  EXPECT_THAT(folded({wind(2, 9), wind(4, 7)}, {Statistic::mean, Statistic::max}),
              ElementsAre("wind_speed MEAN 3", "wind_speed MAX 9"));
  EXPECT_THAT(folded({wind(2, 9), wind(4, 7)}, {Statistic::mean}),
              ElementsAre("wind_speed MEAN 3", "wind_speed MAX 9"));
}

TEST(QuantityFold, ADirectionIsAveragedAsAVectorOfTheWindsSpeed) {
  const auto wind = [](double from, double speed) {
    return roof({{"wind_from_direction", from}, {"wind_speed", speed}});
  };
  const auto direction = [&](std::initializer_list<v1::Reading> readings) {
    auto lines = folded(readings, {Statistic::mean, Statistic::min, Statistic::max});
    lines.erase(std::remove_if(lines.begin(), lines.end(),
                               [](const std::string& line) { return line.find("wind_speed") == 0; }),
                lines.end());
    return lines;
  };
  EXPECT_THAT(direction({wind(350, 3), wind(10, 3)}), ElementsAre("wind_from_direction MEAN 0"));
  EXPECT_THAT(direction({wind(90, 1), wind(180, 0)}), ElementsAre("wind_from_direction MEAN 90"));
  EXPECT_THAT(direction({wind(0, 1), wind(90, 1)}), ElementsAre("wind_from_direction MEAN 45"));
  EXPECT_THAT(direction({roof({{"wind_from_direction", 350}}), roof({{"wind_from_direction", 10}})}),
              ElementsAre("wind_from_direction MEAN 0"));
  EXPECT_THAT(direction({wind(90, 0), wind(180, 0)}), IsEmpty()) << "a calm has no direction";
  EXPECT_THAT(direction({wind(90, 2), wind(270, 2)}), IsEmpty()) << "nor have winds that cancel each other";
}

TEST(QuantityFold, WhatIsWrongTakesNoPartAndWhatIsDoubtfulIsSaid) {
  const auto at = [](double degrees, v1::Quality quality) {
    return roof({{"air_temperature", degrees, v1::STAT_INSTANT, quality}});
  };
  EXPECT_THAT(folded({at(20, v1::QUALITY_GOOD), at(-9999, v1::QUALITY_ERRONEOUS)}, {Statistic::min}),
              ElementsAre("air_temperature MIN 20"));
  EXPECT_THAT(folded({at(20, v1::QUALITY_GOOD), at(60, v1::QUALITY_DOUBTFUL)}, {Statistic::max}),
              ElementsAre("air_temperature MAX 60 doubtful"));
  v1::Reading nothing = roof({});
  nothing.add_quantities()->set_name("air_temperature");
  EXPECT_THAT(folded({nothing}, {Statistic::max}), IsEmpty());
}

TEST(QuantityFold, OfAWordTheLastOneCountsAndPartsAreApart) {
  v1::Reading one = roof({}), two = roof({});
  auto* words = one.add_quantities();
  words->set_name("condition");
  words->set_text("dry");
  two.add_quantities()->CopyFrom(*words);
  two.mutable_quantities(0)->set_text("wet");
  auto* indoor = two.add_quantities();
  indoor->set_name("air_temperature");
  indoor->set_part("indoor");
  indoor->set_integer(21);
  two.add_quantities()->CopyFrom(*indoor);
  two.mutable_quantities(2)->set_part("cellar");
  EXPECT_THAT(folded({one, two}, {Statistic::mean}),
              ElementsAre("condition INSTANT wet", "air_temperature/indoor MEAN 21",
                          "air_temperature/cellar MEAN 21"));
}

}  // namespace
}  // namespace weather::bridge
