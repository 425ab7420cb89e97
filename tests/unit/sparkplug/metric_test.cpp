#include "sensors/sparkplug/metric.hpp"

#include <gtest/gtest.h>

namespace weather::sensors {
namespace {

std::string text(const sparkplug::Metric& metric, std::uint32_t datatype) {
  Scalar value;
  return metric_value(metric, datatype, value) ? value_text(value) : "not interpreted";
}

std::string from_int(std::uint32_t value, std::uint32_t datatype) {
  sparkplug::Metric metric;
  metric.set_int_value(value);
  return text(metric, datatype);
}

TEST(SparkplugMetric, TheDatatypeTellsTheSign) {
  EXPECT_EQ(from_int(0xFFFFFFFB, 1), "-5");
  EXPECT_EQ(from_int(0xFB, 1), "-5");
  EXPECT_EQ(from_int(0xFFFB, 2), "-5");
  EXPECT_EQ(from_int(0xFFFFFFFB, 3), "-5");
  EXPECT_EQ(from_int(0xFFFFFFFB, 7), "4294967291");
  EXPECT_EQ(from_int(251, 5), "251");
}

TEST(SparkplugMetric, LongsKeepAllTheirDigits) {
  sparkplug::Metric metric;
  metric.set_long_value(0xFFFFFFFFFFFFFFFB);
  EXPECT_EQ(text(metric, 4), "-5");
  EXPECT_EQ(text(metric, 8), "18446744073709551611");
}

TEST(SparkplugMetric, AFloatHasItsOwnDigits) {
  sparkplug::Metric metric;
  metric.set_float_value(22.4F);
  EXPECT_EQ(text(metric, 9), "22.4");
}

TEST(SparkplugMetric, NullIsNullWhateverTheValueSays) {
  sparkplug::Metric metric;
  metric.set_float_value(22.4F);
  metric.set_is_null(true);
  EXPECT_EQ(text(metric, 9), "null");
}

TEST(SparkplugMetric, BytesAreHexadecimalAndOthersAreNotInterpreted) {
  sparkplug::Metric metric;
  metric.set_bytes_value(std::string("\x00\xff", 2));
  EXPECT_EQ(text(metric, 17), "\"00ff\"");
  EXPECT_EQ(text(sparkplug::Metric(), 16), "not interpreted");
}

}  // namespace
}  // namespace weather::sensors
