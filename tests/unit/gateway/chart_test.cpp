#include "gateway/web/chart.hpp"

#include <random>

#include <boost/property_tree/ptree.hpp>
#include <boost/property_tree/xml_parser.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gateway/web/assets.hpp"
#include "gateway/web/sensor_page.hpp"

namespace weather::gateway {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

constexpr std::int64_t midnight = 1'700'006'400;  // a Wednesday, UTC

std::tm utc(std::int64_t unix_s) {
  const auto time = static_cast<std::time_t>(unix_s);
  std::tm result{};
  ::gmtime_r(&time, &result);
  return result;
}

QuantityHistory temperature() {
  return {"temperature_indoor", "°C", BucketRing{600, 144}, BucketRing{3600, 168}};
}

void add(QuantityHistory& history, std::int64_t at, float value) {
  history.day.add(at, value);
  history.week.add(at, value);
}

std::size_t count(const std::string& text, const std::string& what) {
  std::size_t found = 0;
  for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + 1)) ++found;
  return found;
}

// Well-formed, or it throws.
void parse(const std::string& svg) {
  std::istringstream text(svg);
  boost::property_tree::ptree tree;
  boost::property_tree::read_xml(text, tree);
}

TEST(Chart, has_quantity_unit_scale_and_gaps) {
  auto history = temperature();
  for (int i = 0; i < 20; ++i) add(history, midnight + i * 600, 20 + static_cast<float>(i % 5));
  for (int i = 40; i < 60; ++i) add(history, midnight + i * 600, 22);
  const auto chart = make_chart("roof", history, ChartRange::day, midnight + 60 * 600, 30);
  EXPECT_EQ(chart.title, "roof: temperature indoor");
  EXPECT_EQ(chart_words(chart), "least 20.0 °C, most 24.0 °C, last 22.0 °C");
  const auto svg = chart_svg(chart, utc);
  parse(svg);
  EXPECT_EQ(count(svg, "<polyline"), 2U) << "two lines, and a gap between them";
  EXPECT_THAT(svg, HasSubstr("roof: temperature indoor in °C, last day"));
  EXPECT_THAT(svg, HasSubstr(">°C</text>"));
  EXPECT_THAT(svg, HasSubstr(">20</text>"));
  EXPECT_THAT(svg, HasSubstr(">24</text>"));
  EXPECT_THAT(svg, HasSubstr(">06:00</text>"));
  EXPECT_THAT(svg, Not(HasSubstr("style=")));
  EXPECT_EQ(count(chart_svg(make_chart("roof", history, ChartRange::week, midnight + 60 * 600, 30), utc),
                  "<polyline"),
            2U);
  EXPECT_THAT(chart_svg(make_chart("roof", history, ChartRange::week, midnight + 60 * 600, 30), utc),
              HasSubstr(">Wed 15</text>"));
  const auto rows = chart_rows(chart, utc);
  ASSERT_EQ(rows.size(), 40U);
  EXPECT_THAT(rows[0], ElementsAre("Wed 15 Nov 00:00", "20.0 °C", "20.0 °C", "20.0 °C"));
}

TEST(Chart, of_a_sensor_that_speaks_every_half_hour_has_no_gaps) {
  auto history = temperature();
  for (int i = 0; i < 20; ++i) add(history, midnight + i * 1800, 20);
  EXPECT_EQ(count(chart_svg(make_chart("roof", history, ChartRange::day, midnight + 36000, 1800), utc),
                  "<polyline"),
            1U);
  EXPECT_EQ(
      count(chart_svg(make_chart("roof", history, ChartRange::day, midnight + 36000, 60), utc), "<circle"),
      20U);
}

TEST(Chart, says_that_there_is_nothing) {
  const auto svg = chart_svg(make_chart("roof", temperature(), ChartRange::day, midnight, 0), utc);
  parse(svg);
  EXPECT_THAT(svg, HasSubstr("nothing in this time"));
}

TEST(Chart, what_sensors_say_is_text_and_never_markup) {
  auto history = temperature();
  history.name = "<b>\"&'\xe2\x80\xae";
  history.unit = "</svg><script>";
  add(history, midnight, 1);
  const auto svg = chart_svg(make_chart("<script>\x1b", history, ChartRange::day, midnight, 0), utc);
  parse(svg);
  for (const auto* bad : {"<script", "<b>", "\x1b", "\xe2\x80\xae"}) EXPECT_THAT(svg, Not(HasSubstr(bad)));
}

// Whatever values: well-formed, every point within the field, scales of a few round numbers that hold them.
TEST(Chart, of_any_values_stays_in_its_field) {
  std::mt19937 random(9);
  for (int trial = 0; trial < 500; ++trial) {
    auto history = temperature();
    const double size = std::pow(10.0, std::uniform_real_distribution(-30.0, 30.0)(random));
    const double middle = random() % 2 == 0 ? 0 : size * std::uniform_real_distribution(-1e4, 1e4)(random);
    auto at = midnight - 90'000;
    while (at < midnight) {
      at += std::uniform_int_distribution(1, 9000)(random);
      add(history, at, static_cast<float>(middle + size * std::uniform_real_distribution(-1.0, 1.0)(random)));
    }
    for (const auto range : {ChartRange::day, ChartRange::week}) {
      const auto chart = make_chart("a", history, range, at, 60);
      const auto svg = chart_svg(chart, utc);
      parse(svg);
      ASSERT_THAT(svg, Not(HasSubstr("nan")));
      ASSERT_THAT(svg, Not(HasSubstr("inf")));
      for (auto begin = svg.find("points=\""); begin != std::string::npos;
           begin = svg.find("points=\"", begin + 1)) {
        std::istringstream points(svg.substr(begin + 8, svg.find('"', begin + 8) - begin - 8));
        double x = 0, y = 0;
        char comma = 0;
        while (points >> x >> comma >> y) {
          ASSERT_TRUE(x >= 0 && x <= 640 && y >= 29 && y <= 195) << x << " " << y << " " << trial;
        }
      }
    }
    float least = 0, most = 0;
    for (const auto& point : make_chart("a", history, ChartRange::day, at, 60).points) {
      least = std::min(least, point.value.least);
      most = std::max(most, point.value.most);
    }
    const auto steps = round_steps(static_cast<double>(least), static_cast<double>(most));
    ASSERT_TRUE(steps.size() >= 2 && steps.size() <= 8) << steps.size();
    ASSERT_LE(steps.front(), static_cast<double>(least) + 1e-6 * size);
    ASSERT_GE(steps.back(), static_cast<double>(most) - 1e-6 * std::abs(static_cast<double>(most)));
  }
}

TEST(SensorPage, is_complete_without_javascript_and_escapes_everything) {
  Status status;
  status.now_ns = midnight * 1'000'000'000;
  status.gateway_id = "pi-<b>";
  SensorStatus sensor;
  sensor.id = "roof/<script>&a=b";
  sensor.value_json = R"({"temperature_indoor":21.611111,"<i>":1})";
  sensor.units_json = R"({"temperature_indoor":"°C"})";
  sensor.last_ns = status.now_ns;
  auto history = temperature();
  add(history, midnight - 600, 21);
  add(history, midnight, 22);
  const std::vector all{history};
  const auto page = render_sensor_page({status, sensor, all, ChartRange::day, utc});
  EXPECT_THAT(page, HasSubstr("<dt>temperature indoor</dt><dd>21.6 °C</dd>"));
  EXPECT_THAT(page, HasSubstr("<polyline"));
  EXPECT_THAT(page, HasSubstr("<th scope=\"row\">Wed 15 Nov 00:00</th><td>22.0 °C</td>"));
  EXPECT_THAT(
      page,
      HasSubstr("/chart.svg?id=roof%2F%3Cscript%3E%26a%3Db&amp;quantity=temperature_indoor&amp;range=day"));
  for (const auto* bad : {"<script", "<i>", "<b>pi", "pi-<b>", "{{", "style="})
    EXPECT_THAT(page, Not(HasSubstr(bad)));
  EXPECT_THAT(render_sensor_page({status, sensor, {}, ChartRange::week, utc}),
              HasSubstr("No number of this sensor"));
}

}  // namespace
}  // namespace weather::gateway
