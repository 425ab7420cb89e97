#include <array>

#include <gtest/gtest.h>

#include "gateway/config/values.hpp"

namespace weather::gateway {
namespace {

using std::chrono::milliseconds;

TEST(Size, binary_and_decimal_units) {
  EXPECT_EQ(parse_size("8MiB"), 8U << 20);
  EXPECT_EQ(parse_size("1 GiB"), 1U << 30);
  EXPECT_EQ(parse_size("500kB"), 500'000U);
  EXPECT_EQ(parse_size("4096"), 4096U);
}

TEST(Size, says_how_to_write_it) {
  EXPECT_EQ(parse_size("8 megs").error(),
            "\"8 megs\" has an unknown unit; write it like \"500M\", \"8MiB\" or \"1GB\"");
  EXPECT_FALSE(parse_size(""));
  EXPECT_FALSE(parse_size("-1"));
  EXPECT_FALSE(parse_size("9999999999TiB"));
  EXPECT_FALSE(parse_size("99999999999999999999"));
}

TEST(Size, prints_what_it_reads) {
  for (const auto* text : {"8MiB", "1GiB", "4097", "0", "3KiB"})
    EXPECT_EQ(format_size(parse_size(text).value()), text);
}

TEST(Duration, needs_a_unit) {
  EXPECT_EQ(parse_duration("500ms"), milliseconds(500));
  EXPECT_EQ(parse_duration("7d"), milliseconds(7LL * 24 * 3600 * 1000));
  EXPECT_EQ(parse_duration("30").error(),
            "\"30\" has no unit; write it like \"500ms\", \"30s\", \"10 min\", \"1h30m\" or \"7d\"");
}

TEST(Duration, is_read_as_people_write_it) {
  const std::pair<const char*, long> written[] = {
      {"10 min", 600},   {"10min", 600},  {"1h30m", 5400},    {"1 h 30 min", 5400}, {"1.5h", 5400},
      {"2 Hours", 7200}, {"1w", 604'800}, {"90 Seconds", 90}, {" 5 m", 300},        {"1d12h", 129'600}};
  for (const auto& [text, seconds] : written)
    EXPECT_EQ(parse_duration(text), std::chrono::seconds(seconds)) << text;
  for (const auto* text : {"1M", "1 month", "10", "", "h", "1h30", "1h m", "1.0001s", "1..5s", "-1s", "1s,2s",
                           "99999999999999999999s", "9999999999999999d", "9223372036854775807ms1ms"})
    EXPECT_FALSE(parse_duration(text)) << text;
}

TEST(Size, is_read_as_people_write_it) {
  EXPECT_EQ(parse_size("500M"), 500U << 20);
  EXPECT_EQ(parse_size("1.5G"), 1536U << 20);
  EXPECT_EQ(parse_size("8 mib"), 8U << 20);
  EXPECT_EQ(parse_size("64 KB"), 64'000U);
  EXPECT_EQ(parse_size("7 bytes"), 7U);
  for (const auto* text : {"5X", "5MiBs", "5 MiB 3", "9223372036854775807.9K"})
    EXPECT_FALSE(parse_size(text)) << text;
}

TEST(Duration, prints_what_it_reads) {
  for (const auto* text : {"1s", "1500ms", "2h", "7d", "5m"})
    EXPECT_EQ(format_duration(parse_duration(text).value()), text);
}

TEST(Expand, variables_defaults_and_messages) {
  const Environment environment{{"HOST", "kafka-1"}, {"EMPTY", ""}};
  EXPECT_EQ(expand("${HOST}:9092", environment), "kafka-1:9092");
  EXPECT_EQ(expand("${PORT:-9092}", environment), "9092");
  EXPECT_EQ(expand("${EMPTY:-x}", environment), "x");
  EXPECT_EQ(expand("${EMPTY}", environment), "");
  EXPECT_EQ(expand("${PORT:?set the port}", environment).error(), "PORT: set the port");
  EXPECT_EQ(expand("${PORT}", environment).error(),
            "variable PORT is not set; ${PORT:-default} gives it a default");
}

TEST(Expand, dollars_that_mean_themselves) {
  EXPECT_EQ(expand("a$$b$c$", {}), "a$b$c$");
  EXPECT_EQ(expand("$${HOST}", {}), "${HOST}");
}

TEST(Expand, refuses_what_would_smuggle_structure) {
  EXPECT_FALSE(expand("${A}", {{"A", "x\ny"}}));
  EXPECT_FALSE(expand("${A B}", {{"A B", "x"}}));
  EXPECT_FALSE(expand("${A", {{"A", "x"}}));
  EXPECT_FALSE(expand("${A:+b}", {{"B", "x"}}));
}

TEST(Nearest, finds_slips_of_the_finger_only) {
  constexpr std::array<std::string_view, 4> known{"topic", "properties_file", "properties", "headers"};
  EXPECT_EQ(nearest("topci", known), "topic");
  EXPECT_EQ(nearest("propertis_file", known), "properties_file");
  EXPECT_EQ(nearest("header", known), "headers");
  EXPECT_EQ(nearest("compression", known), std::nullopt);
}

}  // namespace
}  // namespace weather::gateway
