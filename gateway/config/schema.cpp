#include "gateway/config/schema.hpp"

#include <algorithm>
#include <array>
#include <vector>

#include "gateway/config/assign.hpp"

namespace weather::gateway {
namespace {

using table::Of;
using table::section;

using Top = Of<Config>;
constexpr std::array top_fields{
    Field{"config_version",
          Kind::integer,
          "1",
          "version of this file's meaning",
          Top::set<&Config::config_version>,
          {},
          "1..1"},
};

using G = Of<GatewayConfig>;
constexpr std::array gateway_fields{
    Field{"id", Kind::text, R"("")", "name of this gateway in every event; empty: the host name",
          G::set<&GatewayConfig::id>},
    Field{"data_dir", Kind::path, R"("/var/lib/weather-gateway")", "folder of the durable log",
          G::set<&GatewayConfig::data_dir>},
    Field{"control_socket", Kind::path, R"("")",
          "socket for status, tail, pause and the like; empty: /run/weather-gateway/control.sock, or in "
          "data_dir if that is not the packaged one",
          G::set<&GatewayConfig::control_socket>},
    Field{"log_level", Kind::choice, R"("info")", "which lines are written to the journal",
          G::set<&GatewayConfig::log_level>, "debug|info|warning|error"},
};

using M = Of<LimitsConfig>;
constexpr std::array limits_fields{
    Field{
        "memory",
        Kind::size,
        R"("96MiB")",
        "most memory of the process: what would take more is refused, the least valuable first, and counted; "
        "keep it 32MiB below MemoryMax= of the unit",
        M::set<&LimitsConfig::memory_bytes>,
        {},
        "50331648..1099511627776"},
};

using L = Of<LogConfig>;
constexpr std::array log_fields{
    Field{"segment_bytes",
          Kind::size,
          R"("8MiB")",
          "size of one segment file",
          L::set<&LogConfig::segment_bytes>,
          {},
          "65536..1073741824"},
    Field{"max_bytes", Kind::size, "0",
          "most the log may take; 0: 1GiB or a tenth of the file system, the smaller",
          L::set<&LogConfig::max_bytes>},
    Field{"min_free_bytes", Kind::size, R"("64MiB")",
          "keep this much of the file system free, at most a tenth of it",
          L::set<&LogConfig::min_free_bytes>},
    Field{"on_full", Kind::choice, R"("drop_oldest")",
          "when the log is full: drop the oldest unsent readings, block (stop acknowledging) or drop the "
          "newest; every drop is counted and reported to Kafka",
          L::set<&LogConfig::on_full>, "drop_oldest|block|drop_newest"},
    Field{"durability", Kind::choice, R"("sync")",
          "sync: acknowledged means on the card. interval: acknowledged at once, a power cut may cost "
          "commit_interval of readings",
          L::set<&LogConfig::durability>, "sync|interval"},
    Field{"commit_interval",
          Kind::duration,
          R"("1s")",
          "how long readings whose sender does not wait are gathered before one write",
          L::set<&LogConfig::commit_interval>,
          {},
          "10..60000"},
    Field{"keep_sent_bytes", Kind::size, "0", "keep this much of what was delivered, for replay",
          L::set<&LogConfig::keep_sent_bytes>},
};

using K = Of<KafkaConfig>;
constexpr std::array kafka_fields{
    Field{
        "topic", Kind::text, R"("topic_weather")",
        "topic the readings go to; {sensor}, {station}, {source} (the format it came in) and {quantity} (the "
        "first) are filled in",
        K::set<&KafkaConfig::topic>},
    Field{"key", Kind::text, R"("{sensor}")",
          "key of a record, with the same names to fill in; order is kept within a key",
          K::set<&KafkaConfig::key>},
    Field{"properties_file", Kind::path, R"("")",
          "Java-style client.properties with bootstrap.servers and the like",
          K::set<&KafkaConfig::properties_file>},
    Field{"properties", Kind::map, "{}",
          "any librdkafka key, and sasl.oauthbearer.* for a log-in by token; wins over properties_file",
          K::set<&KafkaConfig::properties>},
    Field{"headers", Kind::map, R"({ source = "weather-station", unit = "metric" })",
          "headers of every event, unless the event brought its own of that name",
          K::set<&KafkaConfig::headers>},
    Field{"omit_headers", Kind::list, "[]",
          "CloudEvents headers to leave out where bytes are dear: all but ce_id and ce_type",
          K::set<&KafkaConfig::omit_headers>},
    Field{"layout", Kind::choice, R"("record")",
          "record: key, value, timestamp and headers are those of the Kafka record. envelope: the whole "
          "event is the value",
          K::set<&KafkaConfig::layout>, "record|envelope"},
    Field{"format", Kind::choice, R"("json")",
          "how the value is written; confluent-protobuf, -avro and -json: for readers that know a schema "
          "registry",
          K::set<&KafkaConfig::format>, "json|protobuf|confluent-protobuf|confluent-avro|confluent-json"},
    Field{"schema_id",
          Kind::integer,
          "0",
          "number of the reading's schema, for the confluent formats without asking a registry; 0: ask",
          K::set<&KafkaConfig::schema_id>,
          {},
          "0..2147483647"},
    Field{"units", Kind::choice, R"("metric")",
          "units of the values in JSON; the header unit says the same. imperial: degF, mph, in, inHg",
          K::set<&KafkaConfig::units>, "metric|imperial"},
    Field{"aliases", Kind::map, "{}",
          "names for quantities in JSON, by their canonical name: { air_temperature = \"t\" }",
          K::set<&KafkaConfig::aliases>},
    Field{
        "status_members", Kind::boolean, "true",
        "the JSON form says how the sensor is: battery_level, battery_voltage, battery_low, signal_strength, "
        "and the quality of doubtful values; false: on no route",
        K::set<&KafkaConfig::status_members>},
    Field{"profile", Kind::choice, R"("lan")",
          "set of client timings: a local network, a mobile link, or a link paid by volume",
          K::set<&KafkaConfig::profile>, "lan|lte|metered"},
    Field{"delivery", Kind::choice, R"("at-least-once")",
          "at-least-once: repeats carry the same id. exactly-once: Kafka transactions",
          K::set<&KafkaConfig::delivery>, "at-least-once|exactly-once"},
    Field{"window_records",
          Kind::integer,
          "2000",
          "most readings handed to the Kafka client and not yet confirmed",
          K::set<&KafkaConfig::window_records>,
          {},
          "1..100000"},
    Field{"window_bytes",
          Kind::size,
          R"("4MiB")",
          "the same, in bytes",
          K::set<&KafkaConfig::window_bytes>,
          {},
          "4096..1073741824"},
};

using Y = Of<SchemaRegistryConfig>;
constexpr std::array schema_registry_fields{
    Field{"url", Kind::text, R"("")",
          "where Confluent's API is: http://host:8081, https://host/apis/ccompat/v7 of an Apicurio",
          Y::set<&SchemaRegistryConfig::url>},
    Field{"username", Kind::text, R"("")", "user there, or the API key",
          Y::set<&SchemaRegistryConfig::username>},
    Field{"password_file", Kind::path, R"("")", "file with the password or API secret, first line",
          Y::set<&SchemaRegistryConfig::password_file>},
    Field{"ca_file", Kind::path, R"("")", "certificates trusted to sign the registry's; empty: the system's",
          Y::set<&SchemaRegistryConfig::ca_file>},
    Field{"subject", Kind::text, R"("")",
          "subject of the reading's schema; empty: TOPIC-value, for a topic with {} weather.v1.Reading",
          Y::set<&SchemaRegistryConfig::subject>},
    Field{"register", Kind::boolean, "true", "register the schema if the registry does not know it",
          Y::set<&SchemaRegistryConfig::enrol>},
    Field{"id_in", Kind::choice, R"("value")",
          "value: the schema's number in front of the value, as all readers know it. header: its GUID in the "
          "header "
          "__value_schema_id, as Confluent's clients have it since 2025; the value is the reading alone",
          Y::set<&SchemaRegistryConfig::id_in>, "value|header"},
};

using W = Of<WebConfig>;
constexpr std::array web_fields{
    Field{"enabled", Kind::boolean, "true", "serve the live page, /metrics, /healthz and /api/v1/status",
          W::set<&WebConfig::enabled>},
    Field{"listen", Kind::text, R"("127.0.0.1:8680")",
          "address and port; elsewhere than on loopback cert_file, key_file and users_file are required",
          W::set<&WebConfig::listen>},
    Field{"hosts", Kind::list, "[]",
          "names and addresses a browser may call this machine, besides localhost, those of loopback and the "
          "one "
          "listened on; required with 0.0.0.0 and [::]",
          W::set<&WebConfig::hosts>},
    Field{"cert_file", Kind::path, R"("")", "our certificate and its chain: HTTPS",
          W::set<&WebConfig::cert_file>},
    Field{"key_file", Kind::path, R"("")", "key of the certificate", W::set<&WebConfig::key_file>},
    Field{"users_file", Kind::path, R"("")",
          "who may look: a line for each user, NAME:HASH; HASH from mkpasswd or openssl passwd -6; empty: "
          "no login",
          W::set<&WebConfig::users_file>},
};

using C = Of<ClockConfig>;
constexpr std::array clock_fields{
    Field{"trust", Kind::choice, R"("auto")",
          "who tells that the clock is right. auto: synchronised_file where systemd-timesyncd runs, else the "
          "kernel. file: that file alone. always: without a question",
          C::set<&ClockConfig::trust>, "auto|file|always"},
    Field{"synchronised_file", Kind::path, R"("/run/systemd/timesync/synchronized")",
          "exists once the clock was set", C::set<&ClockConfig::synchronised_file>},
    Field{"hold",
          Kind::duration,
          R"("60s")",
          "while the clock is certainly wrong, wait this long after the start before readings go to Kafka; "
          "they are collected all the time",
          C::set<&ClockConfig::hold>,
          {},
          "0..86400000"},
    Field{"max_future",
          Kind::duration,
          R"("5m")",
          "a sensor's own time further ahead is replaced by the time of arrival, and kept in ce_sourcetime",
          C::set<&ClockConfig::max_future>,
          {},
          "1000..315360000000"},
    Field{"max_past",
          Kind::duration,
          R"("3650d")",
          "the same for a sensor's own time that is older; 0s: any age is believed",
          C::set<&ClockConfig::max_past>,
          {},
          "0..3153600000000"},
};

using D = Of<DeviceConfig>;
constexpr std::array device_fields{
    Field{"root", Kind::path, R"("/")", "where /proc and /sys are, for trials", D::set<&DeviceConfig::root>},
};

using F = Of<FleetConfig>;
constexpr std::array fleet_fields{
    Field{"topic", Kind::text, R"("")",
          "compacted topic in which this gateway says how it is, under its id; made if allowed; empty: none",
          F::set<&FleetConfig::topic>},
    Field{"interval",
          Kind::duration,
          R"("1m")",
          "how often; one silent for three of these is dark",
          F::set<&FleetConfig::interval>,
          {},
          "1000..86400000"},
};

constexpr std::array core_sections{
    Section{"", false, "", top_fields, [](Config& c) -> void* { return &c; }},
    Section{"gateway", false, "the gateway itself", gateway_fields, section<&Config::gateway>},
    Section{"limits", false, "what the process may take of the machine", limits_fields,
            section<&Config::limits>},
    Section{"log", false, "the durable log on the card", log_fields, section<&Config::log>},
    Section{"kafka", false, "where the readings go", kafka_fields, section<&Config::kafka>},
    Section{"clock", false, "the time of readings on a machine whose clock may be wrong after a start",
            clock_fields, section<&Config::clock>},
    Section{"web", false, "the live page and the metrics", web_fields, section<&Config::web>},
    Section{"schema_registry", false,
            "where the number of the reading's schema comes from, for the formats that have one; kept on "
            "the card once learned",
            schema_registry_fields, section<&Config::schema_registry>},
    Section{"fleet", false, "the status of this gateway among others, in Kafka", fleet_fields,
            section<&Config::fleet>},
    Section{"device", false, "the machine: power, heat, memory, the wear of its card", device_fields,
            section<&Config::device>},
};

}  // namespace

std::vector<Section> joined(std::span<const Section> first, std::initializer_list<Part> more) {
  std::vector<Section> all(first.begin(), first.end());
  for (const auto& [sections, behind] : more) {
    const auto before = std::ranges::find(all, behind, &Section::name);
    const auto at = behind.empty() || before == all.end() ? all.end() : before + 1;
    all.insert(at, sections.begin(), sections.end());
  }
  return all;
}

std::span<const Section> sections() {
  static const auto all = joined(core_sections, {{route_sections(), "schema_registry"},
                                                 {downlink_sections(), "fleet"},
                                                 {proxy_sections()},
                                                 {delivery_sections()},
                                                 {source_sections()}});
  return all;
}

std::string_view written_choices(const Field& field) {
  return field.choices.substr(field.choices.starts_with('|') ? 1 : 0);
}

std::string_view kind_name(Kind kind) {
  switch (kind) {
    case Kind::text:
    case Kind::choice:
    case Kind::path:
      return "a string";
    case Kind::label:
      return "a string or an integer";
    case Kind::integer:
      return "an integer";
    case Kind::number:
      return "a number";
    case Kind::boolean:
      return "true or false";
    case Kind::size:
      return "a size such as \"8MiB\" or 4096";
    case Kind::duration:
      return "a duration such as \"30s\"";
    case Kind::list:
      return "a list of strings";
    case Kind::map:
      return "a table";
  }
  return "";
}

}  // namespace weather::gateway
