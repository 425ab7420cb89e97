#include "gateway/api/metrics.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace weather::gateway {
namespace {

using testing::HasSubstr;
using testing::Not;

Status example() {
  Status status;
  status.gateway_id = "pi-<roof>";
  status.clock = "synchronised";
  status.started_ns = 1'700'000'000'000'000'000;
  status.now_ns = status.started_ns + 60'000'000'000;
  auto& source = status.sources.emplace_back();
  source.name = "mqtt:\"a\"\nb";
  source.kind = "mqtt";
  source.up = true;
  source.counters.readings = 12;
  source.counters.undecodable["json_syntax"] = 2;
  status.log.writable = true;
  status.kafka.state = bridge::RouteState::online;
  auto& route = status.kafka.routes.emplace_back();
  route.name = "kafka";
  route.topic = "topic_weather";
  route.state = bridge::RouteState::online;
  route.delivered = 10;
  return status;
}

SensorStatus sensor() {
  SensorStatus result;
  result.id = "<script>alert(1)</script>";
  result.value_json = R"({"temperature":22.5})";
  result.last_ns = 1'700'000'050'000'000'000;
  result.interval_s = 10;
  return result;
}

TEST(Metrics, prometheus_names_counters_with_total) {
  const auto text = metrics(example(), {sensor()}, MetricsFormat::prometheus);
  EXPECT_THAT(
      text,
      HasSubstr(
          "# TYPE weather_gateway_kafka_delivered_records_total counter\n"
          "weather_gateway_kafka_delivered_records_total{route=\"kafka\",topic=\"topic_weather\"} 10\n"));
  EXPECT_THAT(text, HasSubstr("weather_gateway_log_writable 1\n"));
  EXPECT_THAT(text, HasSubstr("weather_gateway_kafka_up{route=\"kafka\",topic=\"topic_weather\"} 1\n"));
  EXPECT_THAT(text, Not(HasSubstr("# EOF")));
}

TEST(Metrics, openmetrics_names_the_family_without_and_ends) {
  const auto text = metrics(example(), {}, MetricsFormat::openmetrics);
  EXPECT_THAT(text, HasSubstr("# TYPE weather_gateway_kafka_delivered_records counter\n"));
  EXPECT_THAT(text, HasSubstr("weather_gateway_kafka_delivered_records_total{"));
  EXPECT_TRUE(text.ends_with("# EOF\n"));
}

TEST(Metrics, label_values_are_escaped) {
  EXPECT_THAT(metrics(example(), {}, MetricsFormat::prometheus), HasSubstr(R"(source="mqtt:\"a\"\\nb")"));
}

TEST(Metrics, a_flood_of_sensors_does_not_become_a_flood_of_series) {
  std::vector<SensorStatus> sensors(2000, sensor());
  const auto text = metrics(example(), sensors, MetricsFormat::prometheus);
  std::size_t series = 0;
  for (auto at = text.find("{sensor="); at != std::string::npos; at = text.find("{sensor=", at + 1)) ++series;
  EXPECT_EQ(series, 1000U) << "two names, 500 sensors of each";
}

TEST(Metrics, times_are_histograms) {
  auto status = example();
  status.log.sync_times.add(0.002);
  status.kafka.routes[0].meters.delays.add(7200);
  const auto text = metrics(status, {}, MetricsFormat::openmetrics);
  EXPECT_THAT(text, HasSubstr("# TYPE weather_gateway_log_sync_duration_seconds histogram\n"));
  EXPECT_THAT(text, HasSubstr("weather_gateway_log_sync_duration_seconds_bucket{le=\"0.001\"} 0\n"));
  EXPECT_THAT(text, HasSubstr("weather_gateway_log_sync_duration_seconds_bucket{le=\"0.0025\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("weather_gateway_log_sync_duration_seconds_bucket{le=\"5.0\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("weather_gateway_log_sync_duration_seconds_bucket{le=\"+Inf\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("weather_gateway_log_sync_duration_seconds_sum 0.002\n"));
  EXPECT_THAT(text, HasSubstr("weather_gateway_end_to_end_delay_seconds_bucket{route=\"kafka\",topic=\"topic_"
                              "weather\",le=\"21600.0\"} 1\n"));
}

TEST(Metrics, failures_are_counted_by_class_and_reason) {
  auto status = example();
  status.kafka.routes[0].meters.errors[10] = 3;  // MESSAGE_TOO_LARGE
  status.kafka.routes[0].meters.dead_letters["too_large"] = 2;
  const auto text = metrics(status, {}, MetricsFormat::prometheus);
  EXPECT_THAT(text, HasSubstr("class=\"record\",error=\"MSG_SIZE_TOO_LARGE\"} 3\n"));
  EXPECT_THAT(text, HasSubstr("reason=\"too_large\"} 2\n"));
  EXPECT_THAT(text, HasSubstr("reason=\"undecodable\"} 0\n")) << "an increase from nothing must be seen";
}

TEST(Metrics, what_one_kind_of_source_counts_is_one_family) {
  auto status = example();
  status.sources[0].measures = {{"weather_gateway_mqtt_reconnects", "Help.", true, 4}};
  auto& second = status.sources.emplace_back(status.sources[0]);
  second.name = "other";
  const auto text = metrics(status, {}, MetricsFormat::prometheus);
  const auto type = text.find("# TYPE weather_gateway_mqtt_reconnects_total counter\n");
  ASSERT_NE(type, std::string::npos);
  EXPECT_EQ(text.find("# TYPE weather_gateway_mqtt_reconnects_total", type + 1), std::string::npos);
  EXPECT_THAT(text, HasSubstr("weather_gateway_mqtt_reconnects_total{source=\"other\"} 4\n"));
}

TEST(Metrics, a_machine_that_does_not_say_has_no_sample) {
  auto status = example();
  EXPECT_THAT(metrics(status, {}, MetricsFormat::prometheus),
              Not(HasSubstr("\nweather_gateway_host_undervoltage ")));
  status.device.undervoltage = true;
  status.device.temperature_c = 61.5;
  status.device.log_bytes_per_day = 1000;
  status.log.max_bytes = 5000;
  const auto text = metrics(status, {}, MetricsFormat::prometheus);
  EXPECT_THAT(text, HasSubstr("\nweather_gateway_host_undervoltage 1\n"));
  EXPECT_THAT(text, HasSubstr("\nweather_gateway_host_temperature_celsius 61.5\n"));
  EXPECT_THAT(text, HasSubstr("\nweather_gateway_log_time_until_full_seconds 432000\n"));
}

TEST(Metrics, a_silent_sensor_is_one) {
  auto silent = sensor();
  silent.id = "roof";
  silent.silent = true;
  EXPECT_THAT(metrics(example(), {silent}, MetricsFormat::prometheus),
              HasSubstr("weather_gateway_sensor_silent{sensor=\"roof\"} 1\n"));
}

TEST(MetricsFormat, is_asked_for) {
  EXPECT_EQ(metrics_format("application/openmetrics-text;version=1.0.0;q=0.3,text/plain;version=0.0.4;q=0.5"),
            MetricsFormat::prometheus);
  EXPECT_EQ(metrics_format(""), MetricsFormat::prometheus);

  EXPECT_EQ(metrics_format("application/openmetrics-text; version=1.0.0,text/plain;q=0.5"),
            MetricsFormat::openmetrics);
  EXPECT_EQ(metrics_format("*/*"), MetricsFormat::prometheus);
}

}  // namespace
}  // namespace weather::gateway
