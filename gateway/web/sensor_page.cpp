#include "gateway/web/sensor_page.hpp"

#include "gateway/http/message.hpp"
#include "gateway/output/version.hpp"
#include "gateway/status/shown_value.hpp"
#include "gateway/web/assets.hpp"
#include "gateway/web/page.hpp"
#include "gateway/web/view.hpp"
#include "sensors/reading/printable.hpp"
#include "sensors/reading/time.hpp"

namespace weather::gateway {
namespace {

std::string html(const std::string& text) {
  return escape_html(sensors::printable(text));
}

std::string facts(const SensorPage& page) {
  const auto& sensor = page.sensor;
  std::string text;
  const auto fact = [&](const std::string& name, const std::string& value) {
    if (!value.empty()) text += "<div><dt>" + html(name) + "</dt><dd>" + html(value) + "</dd></div>";
  };
  for (const auto& value : shown_values(sensor)) fact(value.name, value.text);
  fact("error", sensor.error);
  fact("quality", sensor.quality);
  const auto link = battery_and_signal(sensor);
  fact("battery and signal", link.empty() ? link : link.substr(2));
  if (sensor.last_ns == 0) return text;
  fact("last heard", sensors::format_time(sensor.last_ns / 1'000'000'000 * 1'000'000'000));
  fact("usual interval", sensor.interval_s > 0 ? human_duration(sensor.interval_s) : "");
  fact("readings", human_count(sensor.readings));
  fact("source", sensor.source);
  return text;
}

std::string chart_table(const Chart& chart, const LocalTime& local) {
  std::string text =
      "<details><summary>as a table</summary><table class=\"history\"><thead><tr><th scope=\"col\">From</th>"
      "<th scope=\"col\">Least</th><th scope=\"col\">Most</th><th "
      "scope=\"col\">Last</th></tr></thead><tbody>";
  for (const auto& row : chart_rows(chart, local)) {
    text += "<tr><th scope=\"row\">" + html(row[0]) + "</th>";
    for (std::size_t i = 1; i < row.size(); ++i) text += "<td>" + html(row[i]) + "</td>";
    text += "</tr>";
  }
  return text + "</tbody></table></details>";
}

std::string charts(const SensorPage& page) {
  std::string text;
  for (const auto& quantity : page.history) {
    const auto chart = make_chart(page.sensor.id, quantity, page.range, page.status.now_ns / 1'000'000'000,
                                  page.sensor.interval_s);
    const auto name = chart.title.substr(page.sensor.id.size() + 2);
    text += "<figure class=\"card\"><figcaption><b>" + html(name) + "</b> " + html(chart_words(chart)) +
            "</figcaption>" + chart_svg(chart, page.local, {false, true}) + chart_table(chart, page.local) +
            "<p class=\"soft\"><a href=\"" +
            escape_html(chart_address(page.sensor.id, quantity.name, page.range)) +
            "\">this chart alone</a></p></figure>";
  }
  return text.empty() ? "<p>No number of this sensor has been received since the charts began.</p>" : text;
}

std::string form(const std::string& id, const std::string& act, const std::string& button,
                 const std::string& fields) {
  return "<form class=\"act\" method=\"post\" action=\"/sensor\"><input type=\"hidden\" name=\"id\" "
         "value=\"" +
         escape_html(id) + "\">" + fields + "<button name=\"act\" value=\"" + act + "\">" + button +
         "</button></form>";
}

std::string actions(const SensorPage& page) {
  const auto& id = page.sensor.id;
  std::string text = "<section aria-labelledby=\"h-name\"><h2 id=\"h-name\">Name</h2><div class=\"card\">";
  if (page.acts == SensorPage::Acts::log_in_first)
    text +=
        "<p>It can be renamed or ignored from here once the page asks for a login ([web] users_file). Until "
        "then: [sensors.names] and [sensors.ignore] in the configuration.</p>";
  if (page.acts == SensorPage::Acts::rename_or_ignore)
    text += form(id, "rename", "Rename",
                 "<input name=\"name\" maxlength=\"64\" required aria-label=\"New name\" value=\"" +
                     escape_html(id) + "\">") +
            "<p class=\"soft\">From the next reading on it is called so everywhere, in Kafka too.</p>" +
            form(id, "ignore", "Ignore this sensor", "") +
            "<p class=\"soft\">Its readings are acknowledged and counted, and neither stored nor sent.</p>";
  if (page.acts == SensorPage::Acts::hear_again) text += form(id, "hear", "Hear it again", "");
  return text + "</div></section>";
}

std::string range_links(const SensorPage& page) {
  std::string text;
  for (const auto range : {ChartRange::day, ChartRange::week}) {
    const auto name = "last " + std::string(to_string(range));
    if (range == page.range)
      text += "<b aria-current=\"true\">" + name + "</b> ";
    else
      text += "<a href=\"" +
              escape_html(sensor_address(page.sensor.id) + "&range=" + std::string(to_string(range))) +
              "\">" + name + "</a> ";
  }
  return text;
}

}  // namespace

std::string sensor_address(const std::string& id) {
  return "/sensor?id=" + encode_query(id);
}

std::string chart_address(const std::string& id, const std::string& quantity, ChartRange range) {
  return "/chart.svg?id=" + encode_query(id) + "&quantity=" + encode_query(quantity) +
         "&range=" + std::string(to_string(range));
}

std::string render_sensor_page(const SensorPage& page) {
  const auto words = state_words(sensor_state(page.sensor, page.status.now_ns));
  std::map<std::string, std::string, std::less<>> values;
  values["gateway"] = html(page.status.gateway_id);
  values["name"] = html(page.sensor.id);
  values["state"] = page.note.empty() ? words.text : html(page.note);
  values["state.class"] = page.note.empty() ? words.class_name : "warning";
  values["actions"] = actions(page);
  values["facts"] = facts(page);
  values["range"] = range_links(page);
  values["charts"] = charts(page);
  values["version"] = version();
  return fill_template(asset_sensor_html(), values);
}

}  // namespace weather::gateway
