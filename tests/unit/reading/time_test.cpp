#include "sensors/reading/time.hpp"

#include <gtest/gtest.h>

namespace weather::sensors {
namespace {

constexpr std::int64_t article_ns = 1'758'349'800'000'000'000;  // 2025-09-20T06:30:00Z

std::int64_t instant(std::string_view text) {
  const auto time = parse_time(text);
  return time && time->has_zone ? time->ns : -1;
}

TEST(Time, TheArticlesTimestampIsReadAndWrittenBack) {
  EXPECT_EQ(instant("2025-09-20T06:30:00Z"), article_ns);
  EXPECT_EQ(format_time(article_ns), "2025-09-20T06:30:00Z");
}

TEST(Time, OffsetsAreTakenOff) {
  EXPECT_EQ(instant("2025-09-20T09:30:00+03:00"), article_ns);
  EXPECT_EQ(instant("2025-09-20T09:30:00+0300"), article_ns);
  EXPECT_EQ(instant("2025-09-20T09:30:00+03"), article_ns);
  EXPECT_EQ(instant("2025-09-19T23:00:00-07:30"), article_ns);
  EXPECT_EQ(instant("2025-09-20 06:30:00z"), article_ns);
}

TEST(Time, FractionsGoDownToTheNanosecond) {
  EXPECT_EQ(instant("2025-09-20T06:30:00.5Z"), article_ns + 500'000'000);
  EXPECT_EQ(instant("2025-09-20T06:30:00,123456789Z"), article_ns + 123'456'789);
  EXPECT_EQ(instant("2025-09-20T06:30:00.1234567899Z"), article_ns + 123'456'789);
}

TEST(Time, AFractionIsWrittenOnlyAsLongAsItMustBe) {
  EXPECT_EQ(format_time(article_ns + 500'000'000), "2025-09-20T06:30:00.5Z");
  EXPECT_EQ(format_time(article_ns + 1), "2025-09-20T06:30:00.000000001Z");
  EXPECT_EQ(format_time(0), "1970-01-01T00:00:00Z");
  EXPECT_EQ(format_time(-1), "1969-12-31T23:59:59.999999999Z");
}

TEST(Time, ATimeWithoutZoneIsNoInstant) {
  const auto time = parse_time("2018-03-02T18:25:03");
  ASSERT_TRUE(time);
  EXPECT_FALSE(time->has_zone);
  EXPECT_EQ(format_time(time->ns), "2018-03-02T18:25:03Z");
}

TEST(Time, WhatIsNotATimeIsRefused) {
  for (const char* text :
       {"", "now", "@0.13s", "2025-09-20", "2025-9-20T06:30:00Z", "2025-02-29T00:00:00Z",
        "2025-13-01T00:00:00Z", "2025-09-20T24:00:00Z", "2025-09-20T06:60:00Z", "2025-09-20T06:30:61Z",
        "2025-09-20T06:30:00.Z", "2025-09-20T06:30:00Zx", "2025-09-20T06:30:00+3:00",
        "2025-09-20T06:30:00+25:00", "1969-12-31T23:59:59Z", "2262-01-01T00:00:00Z", "1970-01-01T00:00:00Z",
        "2025-09-20T06Z", "-025-09-20T06:30:00Z"}) {
    EXPECT_FALSE(parse_time(text)) << text;
  }
}

TEST(Time, ALeapDayAndALeapSecondExist) {
  EXPECT_TRUE(parse_time("2024-02-29T00:00:00Z"));
  EXPECT_EQ(instant("2016-12-31T23:59:60Z"), instant("2017-01-01T00:00:00Z"));
}

TEST(Time, UnixNumbersAreToldApartByMagnitude) {
  EXPECT_EQ(unix_time_ns(std::int64_t{1'758'349'800}), article_ns);
  EXPECT_EQ(unix_time_ns(std::int64_t{1'758'349'800'000}), article_ns);
  EXPECT_EQ(unix_time_ns(std::int64_t{1'758'349'800'000'000}), article_ns);
  EXPECT_EQ(unix_time_ns(article_ns), article_ns);
  EXPECT_EQ(unix_time_ns(1'758'349'800.25), article_ns + 250'000'000);
  EXPECT_EQ(unix_time_ns(1'758'349'800'250.0), article_ns + 250'000'000);
  EXPECT_EQ(unix_time_ns(1758349800.053193), article_ns + 53'193'000);
}

TEST(Time, UnixNumbersThatAreNoTimeAreRefused) {
  EXPECT_FALSE(unix_time_ns(std::int64_t{0}));
  EXPECT_FALSE(unix_time_ns(std::int64_t{-5}));
  EXPECT_FALSE(unix_time_ns(0.0));
  EXPECT_FALSE(unix_time_ns(-1.5));
  EXPECT_FALSE(unix_time_ns(1e300));
  EXPECT_FALSE(unix_time_ns(std::int64_t{99'999'999'999}));  // seconds beyond 2262
  EXPECT_FALSE(unix_time_ns(99'999'999'999.5));
}

TEST(Time, EverySecondOfALongWalkReadsBackAsWritten) {
  for (std::int64_t ns = 1; ns < 9'000'000'000'000'000'000; ns += 7'919'000'000'000'017) {
    EXPECT_EQ(instant(format_time(ns)), ns) << ns;
  }
}

TEST(Time, SecondsMayBeMissing) {
  EXPECT_EQ(parse_time("2026-11-28T20:00Z")->ns, parse_time("2026-11-28T20:00:00Z")->ns);
  EXPECT_EQ(parse_time("2026-11-28 20:00+01:00")->ns, parse_time("2026-11-28T19:00:00Z")->ns);
}

}  // namespace
}  // namespace weather::sensors
