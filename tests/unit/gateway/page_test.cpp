#include "gateway/web/page.hpp"

#include <cmath>
#include <limits>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gateway/web/assets.hpp"
#include "gateway/web/sparkline.hpp"

namespace weather::gateway {
namespace {

namespace json = boost::json;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

constexpr std::int64_t second = 1'000'000'000;
constexpr float none = std::numeric_limits<float>::quiet_NaN();

Status example() {
  Status status;
  status.gateway_id = "pi-<roof>";
  status.clock = "synchronised";
  status.started_ns = 1'700'000'000 * second;
  status.now_ns = status.started_ns + 60 * second;
  auto& source = status.sources.emplace_back();
  source.name = "mqtt:a";
  source.up = true;
  source.counters.readings = 12;
  status.log.writable = true;
  status.kafka.state = bridge::RouteState::online;
  auto& route = status.kafka.routes.emplace_back();
  route.topic = "topic_weather";
  route.state = bridge::RouteState::online;
  route.meters.brokers.push_back({"kafka-1:9092/1", true, 0.004, 0.012, 1, 0, 0});
  status.events.push_back({status.now_ns, "warning", "Kafka <cannot> be reached"});
  return status;
}

SensorStatus sensor(const std::string& id, std::int64_t age_s = 1) {
  SensorStatus result;
  result.id = id;
  result.value_json = R"({"temperature":22.5,"humidity":60})";
  result.units_json = R"({"temperature":"°C","humidity":"%"})";
  result.last_ns = 1'700'000'060 * second - age_s * second;
  result.interval_s = 10;
  return result;
}

TEST(View, puts_the_worst_sensor_first) {
  auto rejecting = sensor("c");
  rejecting.error = "not JSON";
  auto silent = sensor("d", 1000);
  silent.silent = true;
  const auto view = make_view(example(), {sensor("a"), sensor("b", 40), rejecting, silent});
  std::vector<std::string> order;
  for (const auto& row : view.sensors) order.push_back(row.id + " " + row.state);
  EXPECT_THAT(order, ElementsAre("c ✕ rejecting", "d ✕ silent", "b ! late", "a ✓ ok"));
  EXPECT_EQ(view.sensors[0].value, "not JSON");
  EXPECT_EQ(view.sensors[3].value, "temperature 22.5 °C, humidity 60 %");
  EXPECT_EQ(view.texts.at("sensor-count"), "4 sensors, 1 rejecting, 1 silent, 1 late");
}

TEST(View, shows_a_page_of_the_sensors_and_where_the_others_are) {
  std::vector<SensorStatus> many(1000, sensor("x<"));
  const auto view = make_view(example(), many, {"X<", "", 3});
  EXPECT_EQ(view.sensors.size(), 25U);
  EXPECT_EQ(view.texts.at("more"), "51 to 75 of 1,000 that match");
  EXPECT_THAT(view.pager, ElementsAre(ElementsAre("← page 2", "/?find=X%3C&page=2"),
                                      ElementsAre("page 4 →", "/?find=X%3C&page=4")));
  const auto page = render_page(view);
  EXPECT_THAT(page, HasSubstr("<a href=\"/?find=X%3C&amp;page=4\">page 4 →</a>"));
  EXPECT_THAT(page, HasSubstr("name=\"find\" value=\"X&lt;\""));
  EXPECT_THAT(render_page(make_view(example(), many, {"", "late", 1})),
              HasSubstr("<option value=\"late\" selected>"));
  EXPECT_EQ(make_view(example(), {sensor("a")}).texts.at("more"), "");
  EXPECT_EQ(make_view(example(), {sensor("a")}, {"b", "", 1}).texts.at("more"), "no sensor is like that");
}

TEST(View, says_how_much_flows_in_words_that_fit) {
  auto status = example();
  const auto in = [&](double rate) {
    status.received_per_s = rate;
    const auto view = make_view(status, {});
    return view.texts.at("rate-in") + " " + view.texts.at("rate-in-of");
  };
  EXPECT_EQ(in(0), "0 a second in");
  EXPECT_EQ(in(30.02), "30 a second in");
  EXPECT_EQ(in(1.0 / 60), "1.0 a minute in");
  EXPECT_EQ(in(0.5), "30 a minute in");
  EXPECT_EQ(in(1.25), "1.2 a second in");
}

TEST(View, says_the_same_of_a_route_once) {
  auto status = example();
  auto& route = status.kafka.routes[0];
  const auto says = [&](const std::string& reason, const std::string& error) {
    route.reason = reason;
    route.last_error = error;
    return make_view(status, {}).routes[0].back();
  };
  EXPECT_EQ(says("", ""), "–");
  EXPECT_EQ(says("no broker", ""), "no broker");
  EXPECT_EQ(says("", "timed out"), "last error: timed out");
  EXPECT_EQ(says("Kafka: timed out", "timed out"), "Kafka: timed out");
  EXPECT_EQ(says("out", "timed out"), "last error: timed out");
  EXPECT_EQ(says("no broker", "timed out"), "no broker; last error: timed out");
}

TEST(View, tells_a_low_battery) {
  auto low = sensor("roof");
  low.battery_low = true;
  low.battery_ratio = 0.15F;
  EXPECT_EQ(make_view(example(), {low}).sensors.at(0).value,
            "temperature 22.5 °C, humidity 60 %; battery low (15 %)");
  low.battery_ratio.reset();
  EXPECT_EQ(make_view(example(), {low}).sensors.at(0).value,
            "temperature 22.5 °C, humidity 60 %; battery low");
}

TEST(View, tells_battery_and_signal_where_they_are_known) {
  auto weak = sensor("a");
  weak.battery_ratio = 0.25F;
  weak.rssi_dbm = -91.0F;
  EXPECT_EQ(make_view(example(), {weak}).sensors[0].value,
            "temperature 22.5 °C, humidity 60 %; battery 25 %; signal -91 dBm");
}

TEST(View, draws_a_broken_arrow_where_nothing_flows) {
  auto status = example();
  status.kafka.state = bridge::RouteState::offline;
  const auto view = make_view(status, {});
  EXPECT_EQ(view.classes.at("arrow-in"), "flowing");
  EXPECT_EQ(view.classes.at("arrow-out"), "broken");
  EXPECT_EQ(view.labels.at("arrow-out"), "log to Kafka: broken");
  status.log.writable = false;
  EXPECT_EQ(make_view(status, {}).classes.at("arrow-in"), "broken");
}

TEST(View, tells_how_the_machine_is) {
  auto status = example();
  EXPECT_THAT(make_view(status, {}).texts.at("power"), HasSubstr("does not say"));
  status.device.undervoltage = true;
  status.device.temperature_c = 81.25;
  status.device.log_bytes_per_day = 500.0 * (1U << 20U);
  status.log.max_bytes = 1U << 30U;
  const auto view = make_view(status, {});
  EXPECT_THAT(view.texts.at("power"), HasSubstr("undervoltage"));
  EXPECT_EQ(view.classes.at("power"), "critical");
  EXPECT_EQ(view.texts.at("temperature"), "! 81.2 °C");
  EXPECT_EQ(view.texts.at("room"), "2 d 1 h");
  EXPECT_THAT(view.texts.at("wear"), HasSubstr("500 MiB by the gateway"));
}

TEST(ViewJson, sends_everything_once_and_then_what_changed) {
  const auto before = make_view(example(), {sensor("a"), sensor("b")});
  const auto whole = json::parse(view_json(before, nullptr)).as_object();
  EXPECT_EQ(whole.at("sensors").as_array().size(), 2U);
  EXPECT_EQ(whole.at("order").as_array().size(), 2U);
  EXPECT_TRUE(whole.contains("events"));

  auto changed = sensor("b");
  changed.value_json = R"({"temperature":23})";
  const auto now = make_view(example(), {sensor("a", 2), changed});
  const auto delta = json::parse(view_json(now, &before)).as_object();
  ASSERT_EQ(delta.at("sensors").as_array().size(), 1U) << "only the one whose value changed";
  EXPECT_EQ(delta.at("sensors").as_array()[0].at("id"), "b");
  EXPECT_EQ(delta.at("ages").as_array()[0], "2 s");
  EXPECT_TRUE(delta.at("texts").as_object().empty());
  for (const auto* name : {"order", "events", "routes", "brokers", "sources"})
    EXPECT_FALSE(delta.contains(name)) << name;
}

TEST(ViewJson, a_page_of_sensors_stays_far_below_what_a_stream_may_hold) {
  std::vector<SensorStatus> many;
  for (int i = 0; i < 2000; ++i) {
    many.push_back(sensor("sensor-with-a-long-name-" + std::to_string(i)));
    many.back().recent.assign(60, 20.0F);
    many.back().recent_name = "temperature";
  }
  EXPECT_LT(view_json(make_view(example(), many), nullptr).size(), 40U << 10U);
}

TEST(Sparkline, leaves_gaps_out_and_fits_its_field) {
  EXPECT_EQ(sparkline_points({10, none, 20}), "0,21.0 4,3.0");
  EXPECT_EQ(sparkline_points({none, 5, none}), "") << "one value is no line";
  EXPECT_EQ(sparkline_points({7, 7}), "0,21.0 2,21.0");
}

TEST(Sparkline, says_in_words_what_it_draws) {
  auto weather = sensor("a");
  weather.recent = {12.1F, none, 14.9F, 13.2F};
  weather.recent_name = "temperature";
  weather.recent_unit = "Cel";
  EXPECT_EQ(sparkline_label(weather),
            "temperature in the last hour: least 12.1 °C, most 14.9 °C, now 13.2 °C");
  EXPECT_EQ(sparkline_scale(weather), "temperature 12.1 to 14.9 °C");
}

TEST(Page, is_complete_without_javascript) {
  auto hot = sensor("a");
  hot.recent = {1, 2};
  const auto page = render_page(make_view(example(), {hot}));
  EXPECT_THAT(page, HasSubstr("Online: readings go to Kafka as they come"));
  EXPECT_THAT(page, HasSubstr("topic_weather"));
  EXPECT_THAT(page, HasSubstr("kafka-1:9092/1"));
  EXPECT_THAT(page, HasSubstr("temperature 22.5"));
  EXPECT_THAT(page, HasSubstr("<polyline points=\"0,21.0 2,3.0\"/>"));
  EXPECT_THAT(page, Not(HasSubstr("{{")));
}

TEST(Page, has_a_place_for_every_text_and_a_text_for_every_place) {
  const auto view = make_view(example(), {sensor("a")});
  const std::string html(asset_index_html());
  for (const auto& [id, text] : view.texts) EXPECT_THAT(html, HasSubstr("id=\"" + id + "\"")) << id;
  for (const auto& [id, name] : view.classes) EXPECT_THAT(html, HasSubstr("{{" + id + ".class}}")) << id;
  for (std::size_t at = 0; (at = html.find("{{", at)) != std::string::npos; ++at) {
    auto name = html.substr(at + 2, html.find("}}", at) - at - 2);
    const bool table = name == "sensors" || name == "routes" || name == "brokers" || name == "sources" ||
                       name == "events" || name == "version" || name == "find" || name == "states" ||
                       name == "pager" || name == "ignored";
    const bool known = table || view.texts.contains(name) ||
                       (name.ends_with(".class") && view.classes.contains(name.substr(0, name.size() - 6))) ||
                       (name.ends_with(".label") && view.labels.contains(name.substr(0, name.size() - 6)));
    EXPECT_TRUE(known) << name;
  }
}

// On a narrow screen the heads stand before each cell.
TEST(Page, cells_are_labelled_as_the_heads_of_their_tables) {
  const auto page = render_page(make_view(example(), {sensor("a")}));
  for (std::size_t at = 0; (at = page.find("data-label=\"", at)) != std::string::npos; ++at) {
    const auto begin = page.find('"', at) + 1;
    const auto label = page.substr(begin, page.find('"', begin) - begin);
    EXPECT_THAT(page, HasSubstr("<th scope=\"col\">" + label + "</th>"));
  }
  EXPECT_THAT(page, HasSubstr("data-label=\"What it says\""));
}

TEST(Page, shows_how_long_the_first_certificate_is_good_for) {
  auto status = example();
  EXPECT_EQ(make_view(status, {}).texts.at("certificate"), "– (none is used)");
  constexpr std::int64_t day = 86'400'000'000'000;
  for (const auto& [days, text, look] : {std::tuple(40, "✓ 40 days left: web.cert_file", "ok"),
                                         {29, "! 29 days left: web.cert_file", "warning"},
                                         {-3, "✕ ended: web.cert_file", "critical"}}) {
    status.certificates = {{"kafka ssl.ca.location", "ca.pem", "", status.now_ns + 400 * day},
                           {"web.cert_file", "page.pem", "", status.now_ns + days * day}};
    const auto view = make_view(status, {});
    EXPECT_EQ(view.texts.at("certificate"), text);
    EXPECT_EQ(view.classes.at("certificate"), look);
  }
}

TEST(Page, what_sensors_say_is_text_and_never_markup) {
  const auto page = render_page(make_view(example(), {sensor("<script>alert(1)</script>")}));
  EXPECT_THAT(page, Not(HasSubstr("<script>alert")));
  EXPECT_THAT(page, HasSubstr("&lt;script&gt;"));
  EXPECT_THAT(page, HasSubstr("pi-&lt;roof&gt;"));
  EXPECT_THAT(page, HasSubstr("Kafka &lt;cannot&gt; be reached"));
}

TEST(Page, nothing_foreign_turns_the_text_around) {
  const std::string foreign = "a\x1b[2J\xe2\x80\xae\xef\xbb\xbf\xff\n";
  Status status = example();
  status.gateway_id = status.sources[0].name = status.kafka.routes[0].topic = foreign;
  status.kafka.routes[0].meters.brokers[0].name = foreign;
  status.events.push_back({second, "warning", foreign});
  SensorStatus sensor;
  sensor.id = foreign;
  const auto view = make_view(status, {sensor});
  const auto parsed = json::parse(view_json(view, nullptr));
  for (const auto& text : {render_page(view), json::serialize(parsed)})
    for (const auto* hidden : {"\x1b", "\xe2\x80\xae", "\xef\xbb\xbf", "\xff"})
      EXPECT_THAT(text, Not(HasSubstr(hidden)));
  EXPECT_THAT(render_page(view), HasSubstr("a\\x1b[2J\\u202e\\ufeff\\xff\\n"));
}

TEST(Page, has_nothing_inline_and_nothing_from_elsewhere) {
  const std::string html(asset_index_html());
  EXPECT_THAT(html, Not(HasSubstr("style=")));
  EXPECT_THAT(html, Not(HasSubstr("onclick")));
  for (const auto asset : {asset_index_html(), asset_app_css(), asset_app_js()})
    EXPECT_EQ(asset.find("https://"), std::string_view::npos);
  const std::string script(asset_app_js());
  for (const auto* risky : {"innerHTML", "eval(", "insertAdjacent", "document.write"})
    EXPECT_THAT(script, Not(HasSubstr(risky)));
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
