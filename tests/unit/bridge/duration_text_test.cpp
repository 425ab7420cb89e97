#include "bridge/options/duration_text.hpp"

#include <string>
#include <utility>

#include <gtest/gtest.h>

namespace weather::bridge {
namespace {

TEST(DurationText, HasTwoUnitsAtMost) {
  for (const auto& [seconds, text] : {std::pair{0, "0 s"},
                                      {59, "59 s"},
                                      {60, "1 min"},
                                      {3'599, "59 min 59 s"},
                                      {3'600, "1 h"},
                                      {11'520, "3 h 12 min"},
                                      {86'399, "23 h 59 min"},
                                      {86'400, "1 d"},
                                      {180'000, "2 d 2 h"}})
    EXPECT_EQ(duration_text(std::chrono::seconds(seconds)), text);
}

TEST(DurationText, RoughlyItHasOneUnitAndTwoOfItAtLeast) {
  for (const auto& [seconds, text] : {std::pair{0, "0 s"},
                                      {119, "119 s"},
                                      {120, "2 min"},
                                      {7'199, "119 min"},
                                      {7'200, "2 h"},
                                      {172'799, "47 h"},
                                      {172'800, "2 days"},
                                      {604'800, "7 days"}})
    EXPECT_EQ(rough_duration(std::chrono::seconds(seconds)), text);
  EXPECT_EQ(rough_duration(std::chrono::milliseconds(1'999)), "1 s");
}

}  // namespace
}  // namespace weather::bridge
