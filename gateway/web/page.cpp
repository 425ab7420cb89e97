#include "gateway/web/page.hpp"

#include "gateway/ingest/redelivery_filter.hpp"
#include "gateway/output/version.hpp"
#include "gateway/web/assets.hpp"

namespace weather::gateway {
namespace {

// As the heads of the tables say; on a narrow screen they stand before each cell.
using Labels = std::vector<std::string_view>;
const Labels route_labels{"State", "Waiting", "Confirmed after (p99)", "What it says"},
    broker_labels{"State", "Round trip p50", "Round trip p99"},
    source_labels{"State", "Readings", "Repeats dropped", "Undecodable"};

std::string table_rows(const std::vector<View::Row>& rows, const Labels& labels) {
  std::string text;
  for (const auto& row : rows) {
    text += "<tr><th scope=\"row\">" + escape_html(row.front()) + "</th>";
    for (std::size_t i = 1; i < row.size(); ++i)
      text += "<td data-label=\"" + std::string(labels.at(i - 1)) + "\">" + escape_html(row[i]) + "</td>";
    text += "</tr>";
  }
  return text;
}

std::string sparkline_svg(const SensorRow& row) {
  if (row.points.empty()) return "–";
  const auto last = row.points.substr(row.points.rfind(' ') + 1);
  const auto comma = last.find(',');
  return "<svg class=\"spark\" viewBox=\"0 0 120 24\" role=\"img\" aria-label=\"" + escape_html(row.label) +
         "\"><polyline points=\"" + row.points + "\"/><circle cx=\"" + last.substr(0, comma) + "\" cy=\"" +
         last.substr(comma + 1) + "\" r=\"2\"/></svg><small>" + escape_html(row.scale) + "</small>";
}

std::string sensor_rows(const std::vector<SensorRow>& rows) {
  std::string text;
  for (const auto& row : rows)
    text += "<tr><th scope=\"row\"><a href=\"" + escape_html(row.address) + "\">" + escape_html(row.id) +
            "</a></th><td class=\"" + row.state_class + "\">" + escape_html(row.state) +
            "</td><td class=\"value\">" + escape_html(row.value) + "</td><td class=\"age\">" +
            escape_html(row.age) + "</td><td>" + sparkline_svg(row) + "</td></tr>";
  return text;
}

std::string links(const std::vector<std::array<std::string, 2>>& all) {
  std::string text;
  for (const auto& [name, address] : all)
    text += "<a href=\"" + escape_html(address) + "\">" + escape_html(name) + "</a> ";
  return text;
}

std::string state_options(const std::string& chosen) {
  std::string text;
  for (const auto& [value, name] : {std::pair("", "all states"),
                                    {"rejecting", "rejecting"},
                                    {"silent", "silent"},
                                    {"late", "late"},
                                    {"ok", "ok"}})
    text += std::string("<option value=\"") + value + "\"" + (chosen == value ? " selected" : "") + ">" +
            name + "</option>";
  return text;
}

std::string event_items(const View& view) {
  std::string text;
  for (const auto& [time, level, what] : view.events)
    text += "<li class=\"" + level + "\"><time datetime=\"" + time + "\">" + time.substr(0, 10) + " " +
            time.substr(11, 8) + "</time>" + escape_html(what) + "</li>";
  return text;
}

}  // namespace

std::string escape_html(std::string_view text) {
  std::string result;
  for (const char c : text) {
    switch (c) {
      case '&':
        result += "&amp;";
        break;
      case '<':
        result += "&lt;";
        break;
      case '>':
        result += "&gt;";
        break;
      case '"':
        result += "&quot;";
        break;
      case '\'':
        result += "&#39;";
        break;
      default:
        result += c;
    }
  }
  return result;
}

std::string fill_template(std::string_view page,
                          const std::map<std::string, std::string, std::less<>>& values) {
  std::string result;
  for (;;) {
    const auto begin = page.find("{{");
    const auto end = begin == std::string_view::npos ? begin : page.find("}}", begin);
    if (end == std::string_view::npos) return result.append(page);
    result += page.substr(0, begin);
    if (const auto value = values.find(page.substr(begin + 2, end - begin - 2)); value != values.end())
      result += value->second;
    page.remove_prefix(end + 2);
  }
}

std::string render_page(const View& view) {
  std::map<std::string, std::string, std::less<>> values;
  for (const auto& [id, text] : view.texts) values[id] = escape_html(text);
  for (const auto& [id, name] : view.classes) values[id + ".class"] = name;
  for (const auto& [id, label] : view.labels) values[id + ".label"] = escape_html(label);
  values["sensors"] = sensor_rows(view.sensors);
  values["routes"] = table_rows(view.routes, route_labels);
  values["brokers"] = table_rows(view.brokers, broker_labels);
  values["sources"] = table_rows(view.sources, source_labels);
  values["events"] = event_items(view);
  values["find"] = escape_html(view.ask.find);
  values["states"] = state_options(view.ask.state);
  values["pager"] = links(view.pager);
  values["ignored"] = links(view.ignored);
  values["version"] = version();
  return fill_template(asset_index_html(), values);
}

HttpResponse asset_response(const HttpRequest& request, std::string_view content, std::string_view type) {
  const auto tag = "\"" + std::to_string(payload_hash(content)) + "\"";
  HttpResponse response;
  response.content_type = std::string(type);
  response.headers = {{"ETag", tag}, {"Cache-Control", "no-cache"}};
  if (request.if_none_match == tag)
    response.status = 304;
  else
    response.body = std::string(content);
  return response;
}

}  // namespace weather::gateway
