#include "gateway/app/app_options.hpp"

#include "gateway/app/app.hpp"
#include "gateway/config/routes.hpp"
#include "gateway/ingest/redelivery_filter.hpp"

namespace weather::gateway {

sensors::StageOptions stage_options(const Config& config) {
  sensors::StageOptions options;
  options.sensor_names = {config.sensors.names.begin(), config.sensors.names.end()};
  for (const auto& [id, why] : config.sensors.ignore) options.ignored_sensors.insert(id);
  options.quality = config.sensors.quality;
  options.checks = config.quality.checks;
  options.rain = config.quality.rain;
  options.rain_delta = config.sensors.rain_delta;
  options.dew_point = config.sensors.dew_point;
  return options;
}

sensors::TimeLimits time_limits(const ClockConfig& config) {
  using std::chrono::nanoseconds;
  return {nanoseconds(config.max_future).count(), nanoseconds(config.max_past).count()};
}

StamperOptions stamper_options(const ClockConfig& config) {
  return {config.trust == "always" ? ClockTrust::always
          : config.trust == "file" ? ClockTrust::file
                                   : ClockTrust::automatic,
          config.synchronised_file};
}

IngestOptions ingest_options(const Config& config, const std::string& gateway_id) {
  IngestOptions options;
  options.gateway_id = gateway_id;
  options.drop_when_full = config.log.on_full == "drop_newest";
  options.stage = stage_options(config);
  options.time_limits = time_limits(config.clock);
  return options;
}

log::Options log_options(const Config& config) {
  log::Options options;
  options.dir = config.gateway.data_dir;
  options.segment_bytes = config.log.segment_bytes;
  options.max_bytes = config.log.max_bytes;
  options.min_free_bytes = config.log.min_free_bytes;
  options.keep_sent_bytes = config.log.keep_sent_bytes;
  // Ingest reads them after a start: what a broker may send again is known, also what Kafka has by now.
  options.keep_records = RedeliveryFilter::default_capacity;
  options.commit_interval = config.log.commit_interval;
  options.cursors = route_names(config);
  options.durability = config.log.durability == "sync" ? log::Durability::sync : log::Durability::interval;
  options.on_full = config.log.on_full == "block"         ? log::OnFull::block
                    : config.log.on_full == "drop_newest" ? log::OnFull::drop_newest
                                                          : log::OnFull::drop_oldest;
  return options;
}

}  // namespace weather::gateway
