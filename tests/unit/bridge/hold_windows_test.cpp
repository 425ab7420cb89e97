#include "bridge/options/hold_windows.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace weather::bridge {
namespace {

constexpr int at(int day, int hour, int minute = 0) {
  return day * HoldWindows::minutes_a_day + hour * 60 + minute;
}
enum { mon, tue, wed, thu, fri, sat, sun };

HoldWindows parsed(const std::vector<std::string>& windows) {
  const auto result = HoldWindows::parse(windows);
  EXPECT_TRUE(result) << (result ? "" : result.error());
  return result.value_or(HoldWindows());
}

TEST(HoldWindows, WithoutAnyNothingIsHeld) {
  EXPECT_TRUE(HoldWindows().empty());
  EXPECT_EQ(parsed({}).minutes_left(at(wed, 12)), 0);
}

TEST(HoldWindows, EveryDayFromTheFirstMinuteToBeforeTheLast) {
  const auto windows = parsed({"08:00-18:00"});
  EXPECT_EQ(windows.minutes_left(at(mon, 7, 59)), 0);
  EXPECT_EQ(windows.minutes_left(at(mon, 8)), 600);
  EXPECT_EQ(windows.minutes_left(at(sun, 17, 59)), 1);
  EXPECT_EQ(windows.minutes_left(at(sun, 18)), 0);
}

TEST(HoldWindows, OverMidnightAndOverTheEndOfTheWeek) {
  const auto windows = parsed({"sun 22:00-06:00"});
  EXPECT_EQ(windows.minutes_left(at(sun, 23)), 7 * 60);
  EXPECT_EQ(windows.minutes_left(at(mon, 5)), 60);
  EXPECT_EQ(windows.minutes_left(at(tue, 5)), 0);
}

TEST(HoldWindows, DaysAreRangesAndLists) {
  const auto windows = parsed({"mon-wed,fri 10:00-11:00"});
  for (const int day : {mon, tue, wed, fri}) EXPECT_EQ(windows.minutes_left(at(day, 10)), 60) << day;
  for (const int day : {thu, sat, sun}) EXPECT_EQ(windows.minutes_left(at(day, 10)), 0) << day;
  EXPECT_EQ(parsed({"sat-mon 10:00-11:00"}).minutes_left(at(sun, 10)), 60);
}

TEST(HoldWindows, OnesThatTouchAreOneWait) {
  const auto windows = parsed({"08:00-12:00", "12:00-18:00", "sat,sun 00:00-24:00"});
  EXPECT_EQ(windows.minutes_left(at(mon, 9)), 9 * 60);
  EXPECT_EQ(windows.minutes_left(at(sat, 1)), 47 * 60);
}

TEST(HoldWindows, SaysUntilWhen) {
  EXPECT_EQ(end_of_hold(at(mon, 9), 9 * 60), "18:00");
  EXPECT_EQ(end_of_hold(at(sat, 1), 47 * 60), "Mon 00:00");
}

TEST(HoldWindows, RefusesWhatIsNoTimeOfTheWeek) {
  for (const auto* wrong : {"", "8-18", "08:00", "08:00-25:00", "08:60-09:00", "0800-0900", "foo 08:00-09:00",
                            "mon- 08:00-09:00", "08:00-08:00", "24:00-08:00", "08:00-18:00 mon"})
    EXPECT_FALSE(HoldWindows::parse({wrong})) << wrong;
  const auto always = HoldWindows::parse({"00:00-24:00"});
  ASSERT_FALSE(always);
  EXPECT_THAT(always.error(), testing::HasSubstr("nothing would ever be sent"));
}

}  // namespace
}  // namespace weather::bridge
