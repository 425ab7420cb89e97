#include "gateway/api/metrics.hpp"

namespace weather::gateway {

void add_log_metrics(MetricsText& out, const Status& status) {
  const auto& log = status.log;
  out.one("weather_gateway_log_appended_records", "counter", "Records appended since the log was created.",
          count(log.appended));
  out.one("weather_gateway_log_appended_bytes", "counter", "Payload bytes appended since start.",
          count(log.payload_bytes));
  out.one("weather_gateway_log_written_bytes", "counter",
          "Bytes written to the card since start, padding included.", count(log.written_bytes));
  out.one("weather_gateway_log_commits", "counter", "Flushes to the card since start.", count(log.commits));
  out.one("weather_gateway_log_sync_errors", "counter", "Failed flushes since start.",
          count(log.sync_errors));
  out.family("weather_gateway_log_sync_duration_seconds", "histogram", "Duration of a flush to the card.");
  out.histogram(log.sync_times, {}, 0.0005, 5);
  out.family("weather_gateway_ingest_duration_seconds", "histogram",
             "Time from the arrival of a message whose sender waits to its durability.");
  out.histogram(status.ingest_times, {}, 0.001, 10);
  out.one("weather_gateway_log_unsent_records", "gauge", "Durable records not yet confirmed by Kafka.",
          count(unsent_records(status)));
  out.one("weather_gateway_log_unsent_bytes", "gauge", "Estimated size of the unsent records on the card.",
          count(unsent_bytes(status)));
  out.one("weather_gateway_log_oldest_unsent_timestamp_seconds", "gauge",
          "Unix time of the oldest unsent record; 0: none.",
          static_cast<double>(oldest_unsent_ns(status)) / 1e9);
  out.one("weather_gateway_log_size_bytes", "gauge", "Size of the log on the card.", count(log.bytes));
  out.one("weather_gateway_log_capacity_bytes", "gauge", "Maximum size of the log on the card.",
          count(log.max_bytes));
  out.one("weather_gateway_log_writable", "gauge", "Log state; 0: not writable, nothing is acknowledged.",
          log.writable ? 1 : 0);
  out.family("weather_gateway_log_evicted_records", "counter",
             "Unsent records dropped because the log was full, by policy.");
  out.sample(count(log.evicted), {{"state", "unsent"}, {"policy", "drop_oldest"}});
  out.sample(count(log.dropped_newest), {{"state", "unsent"}, {"policy", "drop_newest"}});
  out.one("weather_gateway_log_corrupt_records", "counter", "Acknowledged records lost by the card.",
          count(log.lost));
  out.one("weather_gateway_log_torn_tails", "counter", "Incomplete writes discarded at a start.",
          count(log.torn_tails));
  out.one("weather_gateway_log_repaired_bytes", "counter",
          "Bytes of incomplete writes discarded at this start.", count(status.repaired_bytes));
}

}  // namespace weather::gateway
