// The forwarder's options: plain values, filled by the gateway's configuration.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bridge/options/choices.hpp"
#include "bridge/options/hold_windows.hpp"
#include "bridge/registry/registry.hpp"

namespace weather::log {
class Log;
}

namespace weather::sensors {
enum class UnitSystem : unsigned char;  // sensors/reading/render.hpp
}

namespace weather::bridge {

// librdkafka settings by their own names ("bootstrap.servers", "linger.ms").
using Properties = std::map<std::string, std::string, std::less<>>;
// By "sensor", "station", "source" or "quantity": see match.hpp.
using MatchPatterns = std::map<std::string, std::string>;
// In order; a later one of the same name replaces an earlier one.
using Headers = std::vector<std::pair<std::string, std::string>>;

// record: key, value, timestamp and headers are the Kafka record's own parts.
// envelope: the value is one JSON object that holds all four.
enum class Layout : std::uint8_t { record, envelope };
// confluent_*: with the schema's number in front of the value, or its GUID in a header, as Confluent's
// clients have it.
enum class Format : std::uint8_t { json, protobuf, confluent_protobuf, confluent_avro, confluent_json };
enum class Profile : std::uint8_t { lan, lte, metered };
enum class Delivery : std::uint8_t { at_least_once, exactly_once };
// strict: in the order of the log. live_first: while a backlog drains, what comes in now goes out at once.
enum class Order : std::uint8_t { strict, live_first };
enum class Statistic : std::uint8_t { mean, min, max, last, sum, count };  // of a quantity in a period

// The headers a route may leave out; ce_id, ce_type, source and unit always go along.
std::span<const std::string_view> optional_headers();
bool may_omit(std::string_view header);
// With a schema in a registry.
bool has_schema(Format format);
// The JSON form: of an envelope, too.
bool is_json(Format format);
std::optional<Layout> layout_from(std::string_view text);    // "record" | "envelope"
std::optional<Format> format_from(std::string_view text);    // "json" | "protobuf" | "confluent-protobuf" ...
std::optional<Profile> profile_from(std::string_view text);  // "lan" | "lte" | "metered"
std::optional<Delivery> delivery_from(std::string_view text);  // "at-least-once" | "exactly-once"
std::optional<Order> order_from(std::string_view text);        // "strict" | "live_first"
// "mean" | "min" | "max" | "last" | "sum" | "count"
std::optional<Statistic> statistic_from(std::string_view text);
std::optional<RefusedTime> refused_time_from(
    std::string_view text);  // "ingest_time" | "dead_letter" | "hold"
std::optional<PastRetention> past_retention_from(std::string_view text);  // "send" | "ingest_time" | "hold"

// Fewer records than readings: a summary of each period, or what has changed. One of the two.
struct Thinning {
  std::chrono::seconds period{
      0};  // of each sensor one record for each period of event time; 0: every reading
  std::vector<Statistic> statistics;  // of a quantity, in a summary
  // A reading in which nothing has changed goes out this long after the last one that did; 0: every reading.
  std::chrono::seconds heartbeat{0};
  // By quantity: a smaller difference to what was sent last is no change. Of others any difference is one.
  std::map<std::string, double, std::less<>> changes;

  bool summarises() const { return period.count() > 0; }
  bool any() const { return summarises() || heartbeat.count() > 0; }
};

// Where a route's records go instead of to Kafka: another gateway's [[http]] with relay = true.
struct RelayOptions {
  std::string url;                            // https://HOST[:PORT], or http:
  std::filesystem::path ca_file;              // whom to trust; empty: the system's
  std::filesystem::path cert_file, key_file;  // ours; empty: none
  std::filesystem::path token_file;           // a bearer token; empty: none
  bool proxied = false;                       // through the proxy that the properties name
};

// One way out: its own cursor in the log, its own producer, its own state.
struct RouteOptions {
  std::string name = "kafka";  // the cursor's name: must be one of log::Options::cursors
  std::string topic;           // may hold {sensor}, {station}, {source} and {quantity}
  std::string key = "{sensor}";
  // Which readings it takes (match.hpp); losses go out on every route.
  MatchPatterns match;
  // Readings that could not be decoded become its dead letters. One route has it, or each would keep its own.
  bool keeps_undecodable = true;
  Headers headers;                        // sent with every record: source, unit
  std::vector<std::string> omit_headers;  // of the CloudEvents ones; see may_omit()
  Layout layout = Layout::record;
  Format format = Format::json;
  sensors::UnitSystem units{};  // of the JSON form; the header "unit" says the same
  bool status_members = true;   // of the JSON form: battery, signal, quality
  // Canonical name -> member of the JSON form, before the built-in aliases.
  std::map<std::string, std::string, std::less<>> aliases;
  std::string event_type = "io.weather-gateway.weather";  // ce_type: + ".reading.v1" or ".loss.v1"
  std::int32_t schema_id = 0;     // confluent_*: the number in the schema registry; 0: ask it
  bool schema_in_header = false;  // its GUID in a header, and nothing in front of the value
  std::string cursor_topic = "weather-gateway-cursors";  // exactly_once: compacted, made if allowed
  Properties properties;                                 // on top of ForwarderOptions::properties
  Thinning thinning;
  std::optional<RelayOptions> relay;  // topic is then the URL, for people
};

// How a backlog is sent; the same for all routes.
struct BacklogOptions {
  Order order = Order::strict;
  double live_share = 0.5;  // of the window and of max_records_per_s, for what comes in now
  RefusedTime refused_time = RefusedTime::ingest_time;
  PastRetention past_retention = PastRetention::send;
  double max_records_per_s = 0;  // of each route; 0: no limit
  // A backlog begins up to this much later, at the start and after an outage: a region comes back together.
  std::chrono::milliseconds start_jitter{0};
  HoldWindows hold;  // local time
};

// Where the number of the reading's schema comes from, for the formats that have one.
struct RegistrySettings {
  registry::RegistryOptions ask;
  std::string subject;              // empty: TOPIC-value, for a template weather.v1.Reading
  std::filesystem::path cache_dir;  // numbers once learned
};

struct ForwarderOptions {
  std::string gateway_id;
  Properties properties;  // file and configuration merged; validated by check_properties()
  std::vector<RouteOptions> routes;
  std::optional<RegistrySettings> registry;
  Profile profile = Profile::lan;
  Delivery delivery = Delivery::at_least_once;
  // Sent and not yet confirmed, a route. Bounds librdkafka's memory (about 1.6 kB a record).
  std::size_t window_records = 2000;
  std::size_t window_bytes = 4U << 20;
  std::filesystem::path dead_letter_dir;  // created with the first dead letter
  std::uint64_t dead_letter_max_bytes = 64U << 20;
  bool keep_log_format = false;   // log::Options::keep_format, of the dead letters
  std::string dead_letter_topic;  // gets a copy of each dead letter; empty: none
  BacklogOptions backlog;
  // How long brokers know an idempotent producer that is silent: their producer.id.expiration.ms.
  std::chrono::milliseconds producer_expiration = std::chrono::hours(24);
  // Called at the places of exactly-once that a crash could tell apart, once a transaction, for tests that
  // end the process there: "transaction_begun", "records_acknowledged", "cursor_produced", "committing",
  // "committed", "cursor_moved".
  std::function<void(std::string_view place, log::Log& log)> at_place;
};

// The whole number that a setting is; nothing: it is not there, or is something else.
std::optional<std::int64_t> number(const Properties& settings, std::string_view name);

// What to try where a broker does not take this compression; empty: there is nothing simpler.
std::string simpler_codec(std::string_view codec);

}  // namespace weather::bridge
