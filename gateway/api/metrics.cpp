#include "gateway/api/metrics.hpp"

#include <algorithm>
#include <set>

#include <librdkafka/rdkafka.h>

#include "gateway/output/version.hpp"

namespace weather::gateway {
namespace {

constexpr std::size_t most_sensor_series = 500;  // of each name; the rest is not worth a time series

double seconds(std::int64_t ns) {
  return static_cast<double>(ns) / 1e9;
}

Labels labels_of(const SourceStatus& source) {
  return {{"ingress", source.kind}, {"source", source.name}};
}

// What only one kind of source counts: every family once, whichever source has it first.
void add_measures(MetricsText& out, const Status& status) {
  std::set<std::string_view> done;
  for (const auto& first : status.sources)
    for (const auto& measure : first.measures) {
      if (!done.insert(measure.name).second) continue;
      out.family(measure.name, measure.counter ? "counter" : "gauge", measure.help);
      for (const auto& source : status.sources)
        for (const auto& same : source.measures) {
          if (same.name != measure.name || !same.value) continue;
          Labels labels{{"source", source.name}};
          if (!same.label.empty()) labels.emplace_back(same.label, same.label_value);
          out.sample(*same.value, labels);
        }
    }
}

void add_sources(MetricsText& out, const Status& status) {
  const auto each = [&](std::string_view name, std::string_view help, auto value) {
    out.family(name, "counter", help);
    for (const auto& source : status.sources) out.sample(count(value(source.counters)), labels_of(source));
  };
  each("weather_gateway_messages_received", "Messages received.", [](const auto& c) { return c.messages; });
  each("weather_gateway_readings_received", "Readings stored in the log, undecodable ones included.",
       [](const auto& c) { return c.readings; });
  each("weather_gateway_readings_duplicate", "Redelivered messages dropped because they were stored already.",
       [](const auto& c) { return c.duplicates; });
  each("weather_gateway_messages_passed_over",
       "Messages that carry no reading: switch states, availability, empty payloads.",
       [](const auto& c) { return c.passed_over; });
  each("weather_gateway_readings_ignored", "Readings discarded because [sensors] ignore names their sensor.",
       [](const auto& c) { return c.ignored; });
  each("weather_gateway_messages_foreign",
       "Messages refused because the sender may not report one of their sensors.",
       [](const auto& c) { return c.foreign; });
  each("weather_gateway_readings_dropped", "Readings dropped because the log was full (drop_newest).",
       [](const auto& c) { return c.dropped_full; });
  out.family("weather_gateway_readings_rejected", "counter",
             "Messages not decoded (stored raw) or refused by the log (redelivered), by reason.");
  for (const auto& source : status.sources) {
    const auto labels = [&](std::string reason) {
      auto result = labels_of(source);
      result.emplace_back("reason", std::move(reason));
      return result;
    };
    for (const auto& [reason, number] : source.counters.undecodable)
      out.sample(count(number), labels(reason));
    for (const auto& [reason, number] : source.counters.refused)
      out.sample(count(number), labels("log: " + reason));
  }
  out.family("weather_gateway_readings_retimed", "counter",
             "Readings whose timestamp was replaced by the time of arrival, by reason.");
  for (const auto& source : status.sources)
    for (const auto& [reason, number] : source.counters.replaced_times) {
      auto labels = labels_of(source);
      labels.emplace_back("reason", reason);
      out.sample(count(number), labels);
    }
  out.family("weather_gateway_source_up", "gauge", "Source connection state; 1: connected.");
  for (const auto& source : status.sources) out.sample(source.up ? 1 : 0, labels_of(source));
  add_measures(out, status);
}

void add_sensors(MetricsText& out, const Status& status, const std::vector<SensorStatus>& sensors) {
  const auto shown = std::min(sensors.size(), most_sensor_series);
  out.family("weather_gateway_sensors", "gauge", "Sensors seen since start, by state.");
  for (const auto* state : {"ok", "late", "silent", "rejecting"})
    out.sample(static_cast<double>(std::count_if(
                   sensors.begin(), sensors.end(),
                   [&](const SensorStatus& sensor) { return sensor_state(sensor, status.now_ns) == state; })),
               {{"state", state}});
  out.family("weather_gateway_sensor_last_reading_timestamp_seconds", "gauge",
             "Unix time of the last reading of a sensor.");
  for (std::size_t i = 0; i < shown; ++i)
    out.sample(seconds(sensors[i].last_ns), {{"sensor", sensors[i].id}});
  out.family("weather_gateway_sensor_silent", "gauge",
             "Sensors silent for longer than [silence] allows; 1, silent sensors only.");
  for (std::size_t i = 0; i < shown; ++i)
    if (sensors[i].silent) out.sample(1, {{"sensor", sensors[i].id}});
  out.family("weather_gateway_sensor_expected_interval_seconds", "gauge",
             "Usual time between two readings of a sensor.");
  for (std::size_t i = 0; i < shown; ++i)
    if (sensors[i].interval_s > 0) out.sample(sensors[i].interval_s, {{"sensor", sensors[i].id}});
}

}  // namespace

std::string metrics(const Status& status, const std::vector<SensorStatus>& sensors, MetricsFormat format) {
  MetricsText out(format);
  out.family("weather_gateway_build_info", "gauge", "Version of the gateway and of librdkafka; always 1.");
  out.sample(1, {{"version", std::string(version())},
                 {"revision", std::string(revision())},
                 {"librdkafka", ::rd_kafka_version_str()}});
  out.one("weather_gateway_start_time_seconds", "gauge", "Unix time of the start of the gateway.",
          seconds(status.started_ns));
  out.one("weather_gateway_config_last_reload_successful", "gauge",
          "Result of the last reload; 0: the file has faults and the previous configuration is in use.",
          status.reload_ok ? 1 : 0);
  out.one("weather_gateway_config_last_reload_success_timestamp_seconds", "gauge",
          "Unix time of the last successful load of the configuration.", seconds(status.reload_ns));
  out.one("weather_gateway_clock_synchronised", "gauge", "Clock state; 1: synchronised.",
          status.clock == "synchronised" ? 1 : 0);
  out.one("weather_gateway_clock_step_seconds", "counter", "Sum of the clock steps since start.",
          status.clock_stepped_s);
  out.one("weather_gateway_clock_steps", "counter", "Clock steps since start.",
          static_cast<double>(status.clock_steps));
  out.family("weather_gateway_certificate_expiry_timestamp_seconds", "gauge",
             "Unix time at which a certificate expires.");
  for (const auto& one : status.certificates)
    if (one.until_ns) out.sample(seconds(*one.until_ns), {{"certificate", one.what}});
  out.family("weather_gateway_kafka_token_left_seconds", "gauge",
             "Remaining lifetime of the Kafka login token; 0: no token.");
  for (const auto& one : status.tokens)
    out.sample(static_cast<double>(one.left.count()), {{"place", one.place}});
  add_sources(out, status);
  add_log_metrics(out, status);
  add_kafka_metrics(out, status);
  add_memory_metrics(out, status);
  add_device_metrics(out, status);
  add_sensors(out, status, sensors);
  return out.take();
}

}  // namespace weather::gateway
