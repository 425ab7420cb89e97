#include "gateway/api/metrics.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gateway/web/assets.hpp"
#include "gateway/web/page.hpp"

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
  EXPECT_THAT(metrics(example(), {}, MetricsFormat::prometheus), HasSubstr(R"(source="mqtt:\"a\"\nb")"));
}

TEST(Metrics, a_flood_of_sensors_does_not_become_a_flood_of_series) {
  std::vector<SensorStatus> sensors(2000, sensor());
  const auto text = metrics(example(), sensors, MetricsFormat::prometheus);
  EXPECT_LT(std::count(text.begin(), text.end(), '\n'), 1200);
}

TEST(MetricsFormat, is_asked_for) {
  EXPECT_EQ(metrics_format("application/openmetrics-text; version=1.0.0,text/plain;q=0.5"),
            MetricsFormat::openmetrics);
  EXPECT_EQ(metrics_format("*/*"), MetricsFormat::prometheus);
}

TEST(Page, is_complete_without_javascript) {
  const auto page = render_page(example(), {sensor()});
  EXPECT_THAT(page, HasSubstr("Online: readings go to Kafka as they come"));
  EXPECT_THAT(page, HasSubstr("topic_weather"));
  EXPECT_THAT(page, HasSubstr("22.5"));
  EXPECT_THAT(page, Not(HasSubstr("{{")));
}

TEST(Page, what_sensors_say_is_text_and_never_markup) {
  const auto page = render_page(example(), {sensor()});
  EXPECT_THAT(page, Not(HasSubstr("<script>alert")));
  EXPECT_THAT(page, HasSubstr("&lt;script&gt;"));
  EXPECT_THAT(page, HasSubstr("pi-&lt;roof&gt;"));
}

TEST(Page, has_nothing_inline_and_nothing_from_elsewhere) {
  const std::string html(asset_index_html());
  EXPECT_THAT(html, Not(HasSubstr("style=")));
  EXPECT_THAT(html, Not(HasSubstr("onclick")));
  EXPECT_THAT(html, Not(HasSubstr("//cdn")));
  for (const auto asset : {asset_index_html(), asset_app_css(), asset_app_js()})
    EXPECT_EQ(asset.find("https://"), std::string_view::npos);
  EXPECT_LT(asset_index_html().size() + asset_app_css().size() + asset_app_js().size(), 40'000U);
}

TEST(Asset, is_sent_once) {
  HttpRequest request;
  const auto first = asset_response(request, "body", "text/css");
  EXPECT_EQ(first.body, "body");
  request.if_none_match = first.headers[0].second;
  EXPECT_EQ(asset_response(request, "body", "text/css").status, 304U);
  EXPECT_EQ(asset_response(request, "other", "text/css").status, 200U);
}

}  // namespace
}  // namespace weather::gateway
