#include "gateway/api/metrics.hpp"

#include <librdkafka/rdkafka.h>

#include "gateway/commands/version.hpp"
#include "sensors/reading/number.hpp"

namespace weather::gateway {
namespace {

constexpr std::size_t most_sensor_series = 500;  // of each name; the rest is not worth a time series

std::string escaped(const std::string& value) {
  std::string result;
  for (const char c : value) {
    if (c == '\\' || c == '"') result += '\\';
    if (c == '\n')
      result += "\\n";
    else
      result += c;
  }
  return result;
}

double seconds(std::int64_t ns) {
  return static_cast<double>(ns) / 1e9;
}

double count(std::uint64_t number) {
  return static_cast<double>(number);
}

void add_sources(MetricsText& out, const Status& status) {
  const auto each = [&](std::string_view name, std::string_view help, auto value) {
    out.family(name, "counter", help);
    for (const auto& source : status.sources)
      out.sample(count(value(source.counters)), {{"ingress", source.kind}, {"source", source.name}});
  };
  each("weather_gateway_messages_received", "Messages that came in, whatever became of them.",
       [](const auto& c) { return c.messages; });
  each("weather_gateway_readings_received", "Readings stored in the log, undecodable ones included.",
       [](const auto& c) { return c.readings; });
  each("weather_gateway_readings_duplicate", "Redeliveries of what was stored, dropped.",
       [](const auto& c) { return c.duplicates; });
  out.family("weather_gateway_readings_rejected", "counter",
             "Messages that could not be decoded (stored raw) or that the log refused (they come again).");
  for (const auto& source : status.sources) {
    for (const auto& [reason, number] : source.counters.undecodable)
      out.sample(count(number), {{"ingress", source.kind}, {"source", source.name}, {"reason", reason}});
    for (const auto& [reason, number] : source.counters.refused)
      out.sample(count(number),
                 {{"ingress", source.kind}, {"source", source.name}, {"reason", "log: " + reason}});
  }
  out.family("weather_gateway_source_up", "gauge", "1: the source is connected.");
  for (const auto& source : status.sources)
    out.sample(source.up ? 1 : 0, {{"ingress", source.kind}, {"source", source.name}});
}

void add_log(MetricsText& out, const Status& status) {
  const auto& log = status.log;
  const auto one = [&](std::string_view name, std::string_view type, std::string_view help, double value) {
    out.family(name, type, help);
    out.sample(value);
  };
  one("weather_gateway_log_appended_records", "counter", "Records ever appended to this log.",
      count(log.appended));
  one("weather_gateway_log_appended_bytes", "counter", "Payload bytes appended since start.",
      count(log.payload_bytes));
  one("weather_gateway_log_written_bytes", "counter",
      "Bytes written to the card since start, padding included.", count(log.written_bytes));
  one("weather_gateway_log_commits", "counter", "Flushes to the card since start.", count(log.commits));
  one("weather_gateway_log_sync_errors", "counter", "Failed flushes since start.", count(log.sync_errors));
  out.family("weather_gateway_log_sync_duration_seconds", "summary", "How long a flush to the card takes.");
  out.sample(log.sync_p50_s, {{"quantile", "0.5"}});
  out.sample(log.sync_p99_s, {{"quantile", "0.99"}});
  one("weather_gateway_log_unsent_records", "gauge", "Durable records Kafka does not have yet.",
      count(unsent_records(status)));
  one("weather_gateway_log_oldest_unsent_timestamp_seconds", "gauge",
      "When the oldest of them came in; 0: none.", seconds(oldest_unsent_ns(status)));
  one("weather_gateway_log_size_bytes", "gauge", "What the log takes on the card.", count(log.bytes));
  one("weather_gateway_log_capacity_bytes", "gauge", "What it may take.", count(log.max_bytes));
  one("weather_gateway_log_writable", "gauge", "0: nothing can be stored, so nothing is acknowledged.",
      log.writable ? 1 : 0);
  out.family("weather_gateway_log_evicted_records", "counter",
             "Unsent records given up because the log was full.");
  out.sample(count(log.dropped_oldest), {{"state", "unsent"}, {"policy", "drop_oldest"}});
  out.sample(count(log.dropped_newest), {{"state", "unsent"}, {"policy", "drop_newest"}});
  one("weather_gateway_log_corrupt_records", "counter", "Acknowledged records the card lost.",
      count(log.lost));
}

void add_kafka(MetricsText& out, const Status& status) {
  using bridge::RouteState;
  const auto& routes = status.kafka.routes;
  const auto each = [&](std::string_view name, std::string_view type, std::string_view help, auto value) {
    out.family(name, type, help);
    for (const auto& route : routes)
      out.sample(value(route), {{"route", route.name}, {"topic", route.topic}});
  };
  each("weather_gateway_kafka_up", "gauge", "1: the broker answers.", [](const auto& r) {
    return r.state == RouteState::online || r.state == RouteState::catching_up ? 1.0 : 0.0;
  });
  each("weather_gateway_kafka_blocked", "gauge", "1: Kafka refuses for a reason a person must remove.",
       [](const auto& r) { return r.state == RouteState::blocked ? 1.0 : 0.0; });
  each("weather_gateway_kafka_paused", "gauge", "1: paused by command.",
       [](const auto& r) { return r.state == RouteState::paused ? 1.0 : 0.0; });
  each("weather_gateway_kafka_holding", "gauge", "1: a time of the week in which nothing is sent.",
       [](const auto& r) { return r.state == RouteState::holding ? 1.0 : 0.0; });
  each("weather_gateway_kafka_backlog_eta_seconds", "gauge",
       "Until the backlog is gone, as fast as it shrinks; 0: none, or it does not shrink.",
       [](const auto& r) { return r.eta_s; });
  each("weather_gateway_kafka_allowed_records_per_second", "gauge",
       "Most that may be sent, as max_rate and the broker's quota allow; 0: no limit.",
       [](const auto& r) { return r.allowed_per_s; });
  each("weather_gateway_kafka_in_flight_records", "gauge", "Sent and not yet confirmed.",
       [](const auto& r) { return count(r.in_flight); });
  each("weather_gateway_kafka_delivered_records", "counter",
       "Records confirmed by Kafka since the log was made.",
       [](const auto& r) { return count(r.delivered); });
  each("weather_gateway_kafka_delivered_bytes", "counter", "Bytes confirmed since start.",
       [](const auto& r) { return count(r.delivered_bytes); });
  each("weather_gateway_kafka_resent_records", "counter", "Records produced again after a failure.",
       [](const auto& r) { return count(r.resent); });
  each("weather_gateway_kafka_producer_restarts", "counter", "Producers made anew after a fatal error.",
       [](const auto& r) { return count(r.producer_restarts); });
  each("weather_gateway_kafka_last_delivery_timestamp_seconds", "gauge",
       "Time of the last confirmation; 0: none yet.",
       [](const auto& r) { return seconds(r.last_delivered_ns); });
  each("weather_gateway_dead_letter_records", "counter",
       "Records that can never reach Kafka, kept on the card.",
       [](const auto& r) { return count(r.dead_lettered); });
  out.family("weather_gateway_kafka_delivery_duration_seconds", "summary",
             "From append to Kafka's confirmation.");
  for (const auto& route : routes) {
    out.sample(route.delivery_p50_s, {{"route", route.name}, {"topic", route.topic}, {"quantile", "0.5"}});
    out.sample(route.delivery_p99_s, {{"route", route.name}, {"topic", route.topic}, {"quantile", "0.99"}});
  }
}

void add_sensors(MetricsText& out, const std::vector<SensorStatus>& sensors) {
  const auto shown = std::min(sensors.size(), most_sensor_series);
  out.family("weather_gateway_sensors", "gauge", "Sensors heard of since start.");
  out.sample(count(sensors.size()));
  out.family("weather_gateway_sensor_last_reading_timestamp_seconds", "gauge",
             "When a sensor was last heard of.");
  for (std::size_t i = 0; i < shown; ++i)
    out.sample(seconds(sensors[i].last_ns), {{"sensor", sensors[i].id}});
  out.family("weather_gateway_sensor_expected_interval_seconds", "gauge", "Its usual time between readings.");
  for (std::size_t i = 0; i < shown; ++i)
    if (sensors[i].interval_s > 0) out.sample(sensors[i].interval_s, {{"sensor", sensors[i].id}});
}

}  // namespace

void MetricsText::family(std::string_view name, std::string_view type, std::string_view help) {
  // Prometheus' text names a counter's family with _total, OpenMetrics without; its samples always have it.
  const bool counter = type == "counter";
  const auto family = std::string(name) + (counter && format_ == MetricsFormat::prometheus ? "_total" : "");
  text_ +=
      "# HELP " + family + " " + std::string(help) + "\n# TYPE " + family + " " + std::string(type) + "\n";
  name_ = std::string(name) + (counter ? "_total" : "");
}

void MetricsText::sample(double value, const Labels& labels) {
  text_ += name_;
  char separator = '{';
  for (const auto& [name, text] : labels) {
    text_ += separator;
    text_ += std::string(name) + "=\"" + escaped(text) + "\"";
    separator = ',';
  }
  if (!labels.empty()) text_ += '}';
  text_ += ' ';
  sensors::append_number(text_, value);
  text_ += '\n';
}

std::string MetricsText::take() {
  if (format_ == MetricsFormat::openmetrics) text_ += "# EOF\n";
  return std::move(text_);
}

MetricsFormat metrics_format(std::string_view accept) {
  return accept.find("application/openmetrics-text") != std::string_view::npos ? MetricsFormat::openmetrics
                                                                               : MetricsFormat::prometheus;
}

std::string_view metrics_content_type(MetricsFormat format) {
  return format == MetricsFormat::openmetrics ? "application/openmetrics-text; version=1.0.0; charset=utf-8"
                                              : "text/plain; version=0.0.4; charset=utf-8";
}

std::string metrics(const Status& status, const std::vector<SensorStatus>& sensors, MetricsFormat format) {
  MetricsText out(format);
  out.family("weather_gateway_build_info", "gauge", "What is running.");
  out.sample(1, {{"version", std::string(version())},
                 {"revision", std::string(revision())},
                 {"librdkafka", ::rd_kafka_version_str()}});
  out.family("weather_gateway_start_time_seconds", "gauge", "When it started.");
  out.sample(seconds(status.started_ns));
  out.family("weather_gateway_config_last_reload_successful", "gauge",
             "0: the file has faults; the old one is in use.");
  out.sample(status.reload_ok ? 1 : 0);
  out.family("weather_gateway_config_last_reload_success_timestamp_seconds", "gauge",
             "When it was last good.");
  out.sample(seconds(status.reload_ns));
  out.family("weather_gateway_clock_synchronised", "gauge", "1: the clock can be believed.");
  out.sample(status.clock == "synchronised" ? 1 : 0);
  add_sources(out, status);
  add_log(out, status);
  add_kafka(out, status);
  add_sensors(out, sensors);
  return out.take();
}

}  // namespace weather::gateway
