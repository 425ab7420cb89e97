#include <set>

#include <librdkafka/rdkafka.h>

#include "bridge/kafka/error_table.hpp"
#include "gateway/api/metrics.hpp"

namespace weather::gateway {
namespace {

using bridge::RouteState;
using bridge::RouteStatus;

Labels labels_of(const RouteStatus& route) {
  return {{"route", route.name}, {"topic", route.topic}};
}

Labels with(Labels labels, std::string_view name, std::string value) {
  labels.emplace_back(name, std::move(value));
  return labels;
}

void add_failures(MetricsText& out, const std::vector<RouteStatus>& routes) {
  out.family("weather_gateway_kafka_delivery_errors", "counter", "Failed delivery reports by error class.");
  for (const auto& route : routes)
    for (const auto& [code, number] : route.meters.errors)
      out.sample(count(number),
                 with(with(labels_of(route), "class", std::string(bridge::to_string(bridge::classify(code)))),
                      "error", ::rd_kafka_err2name(static_cast<rd_kafka_resp_err_t>(code))));
  out.family("weather_gateway_dead_letter_records", "counter",
             "Dead-letter records written since start, by reason.");
  for (const auto& route : routes) {
    // Those that can be expected stand at zero, so that an increase from nothing is seen.
    auto reasons = route.meters.dead_letters;
    for (const auto* reason : {"undecodable", "too_large", "invalid_record", "invalid_timestamp"})
      reasons.try_emplace(reason, 0);
    for (const auto& [reason, number] : reasons)
      out.sample(count(number), with(labels_of(route), "reason", reason));
  }
}

void add_times(MetricsText& out, const std::vector<RouteStatus>& routes) {
  out.family("weather_gateway_kafka_delivery_duration_seconds", "histogram",
             "Time from producing a record to its delivery report.");
  for (const auto& route : routes) out.histogram(route.meters.delivery_times, labels_of(route), 0.001, 300);
  out.family("weather_gateway_end_to_end_delay_seconds", "histogram",
             "From storing a reading to Kafka's confirmation, outages included.");
  for (const auto& route : routes) out.histogram(route.meters.delays, labels_of(route), 0.1, 604800);
}

void add_brokers(MetricsText& out, const std::vector<RouteStatus>& routes) {
  const auto each = [&](std::string_view name, std::string_view type, std::string_view help, auto value) {
    out.family(name, type, help);
    for (const auto& route : routes)
      for (const auto& broker : route.meters.brokers)
        out.sample(value(broker), {{"route", route.name}, {"broker", broker.name}});
  };
  each("weather_gateway_kafka_broker_up", "gauge", "Broker connection state; 1: connected.",
       [](const auto& b) { return b.up ? 1.0 : 0.0; });
  each("weather_gateway_kafka_broker_connects", "counter", "Connection attempts to a broker.",
       [](const auto& b) { return count(b.connects); });
  each("weather_gateway_kafka_broker_request_retries", "counter", "Retried requests to a broker.",
       [](const auto& b) { return count(b.retries); });
  each("weather_gateway_kafka_broker_request_timeouts", "counter", "Timed-out requests to a broker.",
       [](const auto& b) { return count(b.timeouts); });
  out.family("weather_gateway_kafka_broker_rtt_seconds", "gauge",
             "Request round-trip time of the last seconds, by quantile.");
  for (const auto& route : routes)
    for (const auto& broker : route.meters.brokers) {
      const Labels labels{{"route", route.name}, {"broker", broker.name}};
      out.sample(broker.round_trip_p50_s, with(labels, "quantile", "0.5"));
      out.sample(broker.round_trip_p99_s, with(labels, "quantile", "0.99"));
    }
}

void add_downlink(MetricsText& out, const DownlinkStatus& downlink) {
  if (!downlink.on) return;
  out.one("weather_gateway_downlink_taken", "counter",
          "Messages of the downlink that were taken, since start.", count(downlink.taken));
  out.one("weather_gateway_downlink_committed", "counter",
          "Drop-ins with which Kafka was confirmed, since start.", count(downlink.committed));
  out.one("weather_gateway_downlink_reverted", "counter", "Drop-ins that were taken back, since start.",
          count(downlink.reverted));
  out.one("weather_gateway_downlink_on_trial", "gauge", "1: a drop-in waits for Kafka to be confirmed.",
          downlink.on_trial ? 1 : 0);
  out.family("weather_gateway_downlink_refused", "counter",
             "Messages of the downlink that were refused, those for other gateways (foreign) included, since "
             "start.");
  for (const auto& [reason, number] : downlink.refused)
    out.sample(count(number), {{"reason", std::string(reason)}});
}

}  // namespace

void add_kafka_metrics(MetricsText& out, const Status& status) {
  const auto& routes = status.kafka.routes;
  const auto each = [&](std::string_view name, std::string_view type, std::string_view help, auto value) {
    out.family(name, type, help);
    for (const auto& route : routes) out.sample(value(route), labels_of(route));
  };
  each("weather_gateway_kafka_up", "gauge", "Route state; 1: the brokers answer.", [](const auto& r) {
    return r.state == RouteState::online || r.state == RouteState::catching_up ? 1.0 : 0.0;
  });
  each("weather_gateway_kafka_blocked", "gauge",
       "Route state; 1: blocked until an operator removes the cause.",
       [](const auto& r) { return r.state == RouteState::blocked ? 1.0 : 0.0; });
  each("weather_gateway_kafka_paused", "gauge", "Route state; 1: paused by an operator.",
       [](const auto& r) { return r.state == RouteState::paused ? 1.0 : 0.0; });
  each("weather_gateway_kafka_holding", "gauge", "Route state; 1: within a window of backlog.hold.",
       [](const auto& r) { return r.state == RouteState::holding ? 1.0 : 0.0; });
  each("weather_gateway_kafka_backlog_eta_seconds", "gauge",
       "Estimated time until the backlog is drained; 0: no backlog, or it does not shrink.",
       [](const auto& r) { return r.eta_s; });
  each("weather_gateway_kafka_allowed_records_per_second", "gauge",
       "Send rate limit from max_rate and the broker's quota; 0: no limit.",
       [](const auto& r) { return r.allowed_per_s; });
  each("weather_gateway_kafka_in_flight_records", "gauge", "Records in flight.",
       [](const auto& r) { return count(r.in_flight); });
  each("weather_gateway_kafka_waiting_records", "gauge", "Durable records of this route not yet confirmed.",
       [](const auto& r) { return count(r.waiting); });
  each("weather_gateway_kafka_delivered_records", "counter", "Records confirmed since the log was created.",
       [](const auto& r) { return count(r.delivered); });
  each("weather_gateway_kafka_dropped_records", "counter",
       "Records lost or dropped before delivery since the log was created.",
       [](const auto& r) { return count(r.dropped); });
  each("weather_gateway_kafka_delivered_bytes", "counter", "Payload bytes confirmed since start.",
       [](const auto& r) { return count(r.delivered_bytes); });
  each("weather_gateway_kafka_resent_records", "counter", "Records produced again after a failure.",
       [](const auto& r) { return count(r.resent); });
  each("weather_gateway_kafka_producer_restarts", "counter", "Producers recreated after a fatal error.",
       [](const auto& r) { return count(r.producer_restarts); });
  each("weather_gateway_kafka_last_delivery_timestamp_seconds", "gauge",
       "Unix time of the last confirmed record; 0: none.",
       [](const auto& r) { return static_cast<double>(r.last_delivered_ns) / 1e9; });
  add_failures(out, routes);
  out.family("weather_gateway_dead_letters", "gauge", "Dead-letter records kept on the card.");
  out.sample(count(status.kafka.dead_letters), {});
  out.family("weather_gateway_dead_letters_lost", "counter",
             "Dead-letter records dropped from a full store since start.");
  out.sample(count(status.kafka.dead_letters_lost), {});
  add_times(out, routes);
  add_brokers(out, routes);
  add_downlink(out, status.downlink);
}

}  // namespace weather::gateway
