#include "gateway/web/page.hpp"

#include <algorithm>
#include <cstdio>

#include "gateway/cli/progress.hpp"
#include "gateway/commands/version.hpp"
#include "gateway/ingest/redelivery_filter.hpp"
#include "gateway/web/assets.hpp"
#include "sensors/reading/time.hpp"

namespace weather::gateway {
namespace {

using Values = std::map<std::string, std::string, std::less<>>;
constexpr std::size_t most_rows = 200;

const char* health_name(Health health) {
  return health == Health::ok ? "ok" : health == Health::warning ? "warning" : "critical";
}

const char* health_icon(Health health) {
  return health == Health::ok ? "✓" : health == Health::warning ? "!" : "✕";
}

std::string row(std::string_view head, const std::vector<std::string>& cells) {
  std::string text = "<tr><th scope=\"row\">" + escape_html(head) + "</th>";
  for (const auto& cell : cells) text += "<td>" + escape_html(cell) + "</td>";
  return text + "</tr>";
}

std::string age(std::int64_t since_ns, std::int64_t now_ns) {
  return since_ns == 0 ? "–" : human_duration(static_cast<double>(now_ns - since_ns) / 1e9);
}

std::string sensor_rows(const std::vector<SensorStatus>& sensors, std::int64_t now_ns) {
  std::string text;
  for (std::size_t i = 0; i < std::min(sensors.size(), most_rows); ++i) {
    const auto& sensor = sensors[i];
    text +=
        row(sensor.id, {sensor_state(sensor, now_ns), sensor.error.empty() ? sensor.value_json : sensor.error,
                        age(sensor.last_ns, now_ns), "–"});
  }
  return text;
}

std::string route_rows(const Status& status) {
  std::string text;
  for (const auto& route : status.kafka.routes)
    text +=
        row(status.kafka.routes.size() > 1 ? route.name + " to " + route.topic : route.topic,
            {std::string(bridge::to_string(route.state)) + (route.reason.empty() ? "" : ": " + route.reason),
             human_count(route.waiting), human_milliseconds(route.delivery_p99_s),
             route.last_error.empty() ? "none" : route.last_error});
  return text;
}

std::string source_rows(const Status& status) {
  std::string text;
  for (const auto& source : status.sources) {
    std::uint64_t undecodable = 0;
    for (const auto& [reason, count] : source.counters.undecodable) undecodable += count;
    text += row(source.name, {source.up ? "up" : source.reason, human_count(source.counters.readings),
                              human_count(source.counters.duplicates), human_count(undecodable)});
  }
  return text;
}

std::string event_items(const Status& status) {
  std::string text;
  for (auto event = status.events.rbegin(); event != status.events.rend(); ++event) {
    const auto time = sensors::format_time(event->time_ns / 1'000'000'000 * 1'000'000'000);
    text += "<li><time datetime=\"" + time + "\">" + time.substr(0, 10) + " " + time.substr(11, 8) +
            " </time>" + escape_html(event->text) + "</li>";
  }
  return text;
}

void add_numbers(Values& values, const Status& status) {
  std::uint64_t delivered = 0, lost = status.log.lost;
  double rate = 0;
  for (const auto& route : status.kafka.routes) {
    delivered += route.delivered;
    lost += route.dead_lettered + route.dropped;
    rate += route.records_per_s;
  }
  values["delivered"] = human_count(delivered);
  values["stored"] = human_count(status.log.durable);
  values["size"] = human_bytes(static_cast<double>(status.log.bytes)) + " of " +
                   human_bytes(static_cast<double>(status.log.max_bytes));
  values["unsent"] = human_count(unsent_records(status));
  values["oldest"] = age(oldest_unsent_ns(status), status.now_ns);
  values["per_minute"] = human_count(static_cast<std::uint64_t>(rate * 60 + 0.5));
  values["lost"] = human_count(lost);
  values["lost_class"] = lost == 0 ? "none" : "some";
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

std::string fill_template(std::string_view page, const Values& values) {
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

std::string render_page(const Status& status, const std::vector<SensorStatus>& sensors) {
  const auto say = verdict(status);
  const bool up = std::any_of(status.sources.begin(), status.sources.end(),
                              [](const SourceStatus& source) { return source.up; });
  Values values;
  values["gateway"] = escape_html(status.gateway_id);
  values["health"] = health_name(say.health);
  values["icon"] = health_icon(say.health);
  values["sentence"] = escape_html(say.sentence);
  values["sensor_count"] = human_count(status.sensors);
  values["arrow_in"] = status.log.writable && up ? "flowing" : "broken";
  values["arrow_out"] = say.word == "online" || say.word == "catching_up" ? "flowing" : "broken";
  add_numbers(values, status);
  values["sensors"] = sensor_rows(sensors, status.now_ns);
  values["routes"] = route_rows(status);
  values["sources"] = source_rows(status);
  values["events"] = event_items(status);
  values["device"] =
      escape_html("clock " + status.clock + ", up " + age(status.started_ns, status.now_ns) +
                  ", flush to the card p99 " + human_milliseconds(status.log.sync_p99_s) + ", " +
                  human_bytes(static_cast<double>(status.log.written_bytes)) + " written since start");
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
