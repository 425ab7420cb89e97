#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <boost/json/value_from.hpp>

#include "gateway/output/time_json.hpp"
#include "gateway/output/version.hpp"
#include "gateway/status/status.hpp"

namespace weather::gateway {
namespace {

namespace json = boost::json;

json::object counts(const std::map<std::string, std::uint64_t>& counts) {
  json::object result;
  for (const auto& [name, count] : counts) result[name] = count;
  return result;
}

json::object source_json(const SourceStatus& source) {
  return {{"name", source.name},
          {"kind", source.kind},
          {"up", source.up},
          {"reason", source.reason},
          {"place", source.place},
          {"messages", source.counters.messages},
          {"readings", source.counters.readings},
          {"duplicates", source.counters.duplicates},
          {"passed_over", source.counters.passed_over},
          {"not_decoded", counts(source.not_decoded)},
          {"ignored", source.counters.ignored},
          {"foreign", source.counters.foreign},
          {"dropped_full", source.counters.dropped_full},
          {"undecodable", counts(source.counters.undecodable)},
          {"refused", counts(source.counters.refused)},
          {"replaced_times", counts(source.counters.replaced_times)},
          {"last_message", time_json(source.counters.last_ns)}};
}

template <class T>
json::value or_null(const std::optional<T>& value) {
  return value ? json::value(*value) : json::value(nullptr);
}

json::object device_json(const Status& status) {
  const auto& device = status.device;
  return {{"undervoltage", or_null(device.undervoltage)},
          {"undervoltage_since_boot", device.was_undervoltage},
          {"throttled", or_null(device.throttled)},
          {"temperature_celsius", or_null(device.temperature_c)},
          {"memory_total_bytes", or_null(device.memory_total_bytes)},
          {"memory_available_bytes", or_null(device.memory_available_bytes)},
          {"resident_bytes", or_null(device.resident_bytes)},
          {"cpu_seconds", or_null(device.cpu_s)},
          {"disk", device.disk},
          {"disk_size_bytes", or_null(device.disk_size_bytes)},
          {"disk_free_bytes", or_null(device.disk_free_bytes)},
          {"disk_written_bytes", or_null(device.disk_written_bytes)},
          {"disk_written_bytes_per_day", or_null(device.disk_bytes_per_day)},
          {"log_written_bytes_per_day", or_null(device.log_bytes_per_day)},
          {"days_until_full", or_null(room_days(status))}};
}

json::array brokers_json(const bridge::RouteStatus& route) {
  json::array brokers;
  for (const auto& broker : route.meters.brokers)
    brokers.push_back({{"name", broker.name},
                       {"up", broker.up},
                       {"round_trip_p50_seconds", broker.round_trip_p50_s},
                       {"round_trip_p99_seconds", broker.round_trip_p99_s}});
  return brokers;
}

json::object route_json(const bridge::RouteStatus& route) {
  return {{"name", route.name},
          {"topic", route.topic},
          {"state", bridge::to_string(route.state)},
          {"reason", route.reason},
          {"delivered", route.delivered},
          {"dead_lettered", route.dead_lettered},
          {"dropped", route.dropped},
          {"in_flight", route.in_flight},
          {"waiting", route.waiting},
          {"next_sequence", route.next_sequence},
          {"oldest_waiting", time_json(route.oldest_waiting_ns)},
          {"records_per_second", route.records_per_s},
          {"eta_seconds", route.eta_s},
          {"allowed_per_second", route.allowed_per_s},
          {"live_first", route.live_first},
          {"live_waiting", route.live_waiting},
          {"live_p50_seconds", route.live_p50_s},
          {"live_p99_seconds", route.live_p99_s},
          {"delivery_p50_seconds", route.delivery_p50_s},
          {"delivery_p99_seconds", route.delivery_p99_s},
          {"producer_restarts", route.producer_restarts},
          {"resent", route.resent},
          {"brokers", brokers_json(route)},
          {"warnings", json::array(route.warnings.begin(), route.warnings.end())},
          {"last_error", route.last_error},
          {"last_error_time", time_json(route.last_error_ns)},
          {"last_delivered", time_json(route.last_delivered_ns)}};
}

json::array certificates_json(const Status& status) {
  json::array all;
  for (const auto& one : status.certificates)
    all.push_back({{"name", one.what},
                   {"file", one.file},
                   {"ends", time_json(one.until_ns.value_or(0))},
                   {"days_left", one.until_ns ? json::value(days_left(one, status.now_ns)) : nullptr},
                   {"error", one.error}});
  return all;
}

json::array tokens_json(const Status& status) {
  json::array all;
  for (const auto& one : status.tokens)
    all.push_back({{"place", one.place},
                   {"state", oauth::to_string(one.state)},
                   {"seconds_left", one.left.count()},
                   {"about", one.about},
                   {"note", one.note},
                   {"reason", one.reason}});
  return all;
}

json::object memory_json(const Status& status) {
  json::array holders;
  for (const auto& use : status.memory)
    holders.push_back({{"name", use.holder},
                       {"used_bytes", use.used_bytes},
                       {"most_bytes", use.most_bytes},
                       {"refused", use.refused}});
  return {{"limit_bytes", status.memory_limit_bytes},
          {"program_bytes", status.memory_program_bytes},
          {"holders", holders}};
}

json::value downlink_json(const DownlinkStatus& downlink) {
  if (!downlink.on) return nullptr;
  json::object refused;
  for (const auto& [reason, count] : downlink.refused) refused[reason] = count;
  return {{"group", downlink.group},
          {"doing", downlink.doing},
          {"trouble", downlink.trouble},
          {"on_trial", downlink.on_trial},
          {"taken", downlink.taken},
          {"committed", downlink.committed},
          {"reverted", downlink.reverted},
          {"refused", refused},
          {"drop_ins", json::array(downlink.drop_ins.begin(), downlink.drop_ins.end())},
          {"untold", downlink.unreported}};
}

json::object log_json(const Status& status) {
  const auto& log = status.log;
  return {{"id", status.log_id},
          {"writable", log.writable},
          {"reason", log.reason},
          {"volatile_storage", log.volatile_storage},
          {"first", log.first},
          {"durable", log.durable},
          {"appended", log.appended},
          {"segments", log.segments},
          {"size_bytes", log.bytes},
          {"max_bytes", log.max_bytes},
          {"pending_bytes", log.pending_bytes},
          {"commits", log.commits},
          {"written_bytes", log.written_bytes},
          {"payload_bytes", log.payload_bytes},
          {"dropped_oldest", log.dropped_oldest},
          {"dropped_newest", log.dropped_newest},
          {"lost", log.lost},
          {"torn_tails", log.torn_tails},
          {"sync_errors", log.sync_errors},
          {"sync_p50_seconds", log.sync_p50_s},
          {"sync_p99_seconds", log.sync_p99_s}};
}

}  // namespace

std::string to_json(const Status& status) {
  const auto say = verdict(status);
  json::array sources, routes, events;
  for (const auto& source : status.sources) sources.push_back(source_json(source));
  for (const auto& route : status.kafka.routes) routes.push_back(route_json(route));
  for (const auto& event : status.events)
    events.push_back({{"time", time_json(event.time_ns)}, {"level", event.level}, {"text", event.text}});
  const char* health = say.health == Health::ok        ? "ok"
                       : say.health == Health::warning ? "warning"
                                                       : "critical";
  return json::serialize(json::value{
      {"schema_version", 1},
      {"time", time_json(status.now_ns)},
      {"gateway",
       {{"id", status.gateway_id},
        {"version", version()},
        {"started", time_json(status.started_ns)},
        {"uptime_seconds", (status.now_ns - status.started_ns) / 1'000'000'000},
        {"clock", status.clock},
        {"clock_steps", status.clock_steps},
        {"clock_stepped_seconds", status.clock_stepped_s}}},
      {"state", say.word},
      {"health", health},
      {"verdict", say.sentence},
      {"unsent", unsent_records(status)},
      {"unsent_bytes", unsent_bytes(status)},
      {"oldest_unsent", time_json(oldest_unsent_ns(status))},
      {"sensors", status.sensors},
      {"received_per_second", status.received_per_s},
      {"delivered_per_second", status.delivered_per_s},
      {"page_reason", status.page_reason},
      {"silent_sensors", json::value_from(status.silent_sensors)},
      {"sources", sources},
      {"log", log_json(status)},
      {"memory", memory_json(status)},
      {"device", device_json(status)},
      {"downlink", downlink_json(status.downlink)},
      {"certificates", certificates_json(status)},
      {"tokens", tokens_json(status)},
      {"kafka", routes},
      {"dead_letters", {{"open", status.kafka.dead_letters}, {"lost", status.kafka.dead_letters_lost}}},
      {"events", events}});
}

}  // namespace weather::gateway
