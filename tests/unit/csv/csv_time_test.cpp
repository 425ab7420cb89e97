#include "sensors/csv/csv_time.hpp"

#include <gtest/gtest.h>

#include "sensors/reading/time.hpp"

namespace weather::sensors {
namespace {

std::string utc(const char* text, const char* format, const char* zone) {
  const auto known = csv_time_format(format, zone);
  if (!known) return known.error();
  const auto ns = csv_time(text, *known);
  return ns ? format_time(*ns) : "none";
}

TEST(CsvTime, OfLoggers) {
  EXPECT_EQ(utc("2024-10-03 19:42:00", "", "UTC"), "2024-10-03T19:42:00Z");
  EXPECT_EQ(utc("2024-10-03 19:42:00.25", "iso", "+03:00"), "2024-10-03T16:42:00.25Z");
  EXPECT_EQ(utc("2024-10-03T19:42:00+02:00", "", "-05:00"), "2024-10-03T17:42:00Z");
  EXPECT_EQ(utc("1727984520", "unix", ""), "2024-10-03T19:42:00Z");
  EXPECT_EQ(utc("1727984520500", "unix", ""), "2024-10-03T19:42:00.5Z");
  EXPECT_EQ(utc("03.10.2024 19:42", "%d.%m.%Y %H:%M", "+0100"), "2024-10-03T18:42:00Z");
  EXPECT_EQ(utc("10/3/24 7:42:05 PM", "%m/%d/%y %I:%M:%S %p", "-06"), "2024-10-04T01:42:05Z");
  EXPECT_EQ(utc("03.10.2024 19:42:00,125", "%d.%m.%Y %H:%M:%S", "UTC"), "2024-10-03T19:42:00.125Z");
  EXPECT_EQ(utc("3 Oct 2024 19:42", "%d %b %Y %H:%M", "UTC"), "2024-10-03T19:42:00Z");
  EXPECT_EQ(utc("2024 366 1200", "%Y %j %H%M", "UTC"), "2024-12-31T12:00:00Z");
  EXPECT_EQ(utc("2024-10-03 19:42:00 +0530", "%Y-%m-%d %H:%M:%S %z", ""), "2024-10-03T14:12:00Z");
}

TEST(CsvTime, WhatIsNoInstantIsNone) {
  EXPECT_EQ(utc("2024-10-03 19:42:00", "", ""), "none");  // no zone
  EXPECT_EQ(utc("03.10.2024 19:42", "%d.%m.%Y %H:%M", ""), "none");
  EXPECT_EQ(utc("31.02.2024 19:42", "%d.%m.%Y %H:%M", "UTC"), "none");
  EXPECT_EQ(utc("2023 366", "%Y %j", "UTC"), "none");
  EXPECT_EQ(utc("03.10.2024 19:42 x", "%d.%m.%Y %H:%M", "UTC"), "none");
  EXPECT_EQ(utc("03.10.2024", "%d.%m.%Y %H:%M", "UTC"), "none");
  EXPECT_EQ(utc("", "", "UTC"), "none");
  EXPECT_EQ(utc("NAN", "unix", ""), "none");
  EXPECT_EQ(utc("-5", "unix", ""), "none");
}

TEST(CsvTime, WhatIsNoFormatIsSaid) {
  EXPECT_NE(utc("", "%H:%M", "UTC").find("names a date"), std::string::npos);
  EXPECT_NE(utc("", "dd.mm.yyyy", "UTC").find("names a date"), std::string::npos);
  EXPECT_NE(utc("", "", "Europe/Berlin").find("+03:00"), std::string::npos);
  EXPECT_NE(utc("", "", "3").find("+03:00"), std::string::npos);
}

}  // namespace
}  // namespace weather::sensors
