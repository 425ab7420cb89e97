// The keys of a way out.
#include <array>

#include "gateway/config/assign.hpp"
#include "gateway/config/schema.hpp"

namespace weather::gateway {
namespace {

using table::Of;

using R = Of<RouteConfig>;
constexpr std::array route_fields{
    Field{"name", Kind::text, "",
          "its name in status, metrics and commands, and of its cursor in the log: a new name starts at the "
          "oldest reading still there",
          R::set<&RouteConfig::name>},
    Field{"match", Kind::map, "{}",
          "readings it takes, by sensor, station, source or quantity: { sensor = \"rtl433:*|w1:*\" }; * is "
          "anything, | separates, a leading ! turns it round; none: all",
          R::set<&RouteConfig::match>},
    Field{"topic", Kind::text, R"("")", "empty: kafka.topic", R::set<&RouteConfig::topic>},
    Field{"key", Kind::text, R"("")", "empty: kafka.key", R::set<&RouteConfig::key>},
    Field{"layout", Kind::choice, R"("")", "empty: kafka.layout", R::set<&RouteConfig::layout>,
          "|record|envelope"},
    Field{"format", Kind::choice, R"("")", "empty: kafka.format", R::set<&RouteConfig::format>,
          "|json|protobuf|confluent-protobuf|confluent-avro|confluent-json"},
    Field{"units", Kind::choice, R"("")", "empty: kafka.units", R::set<&RouteConfig::units>,
          "|metric|imperial"},
    Field{"aliases", Kind::map, "{}", "on top of kafka.aliases", R::set<&RouteConfig::aliases>},
    Field{"status_members", Kind::boolean, "true", "false: not on this route; see kafka.status_members",
          R::set<&RouteConfig::status_members>},
    Field{"schema_id",
          Kind::integer,
          "0",
          "0: kafka.schema_id",
          R::set<&RouteConfig::schema_id>,
          {},
          "0..2147483647"},
    Field{"headers", Kind::map, "{}", "on top of kafka.headers", R::set<&RouteConfig::headers>},
    Field{"omit_headers", Kind::list, "[]", "on top of kafka.omit_headers",
          R::set<&RouteConfig::omit_headers>},
    Field{"properties", Kind::map, "{}",
          "librdkafka keys of this route, on top of kafka.properties: partitioner, compression.type, another "
          "cluster's bootstrap.servers",
          R::set<&RouteConfig::properties>},
    Field{"period",
          Kind::duration,
          R"("0s")",
          "one record for each sensor and period, with the statistics of its readings, instead of each "
          "reading; "
          "0s: each reading",
          R::set<&RouteConfig::period>,
          {},
          "0..86400000"},
    Field{"statistics", Kind::list, R"(["mean", "min", "max"])",
          "of each quantity in a period: one of mean, last and sum, and min, max, count",
          R::set<&RouteConfig::statistics>},
    Field{"heartbeat",
          Kind::duration,
          R"("0s")",
          "only readings in which something has changed, and one this long after the last that was sent; 0s: "
          "each reading",
          R::set<&RouteConfig::heartbeat>,
          {},
          "0..86400000"},
    Field{"changes", Kind::map, "{}",
          "with heartbeat, by quantity: the smallest difference that is a change, { air_temperature = 0.2 }; "
          "of "
          "others any is",
          R::set<&RouteConfig::changes>},
    Field{"to", Kind::text, R"("")",
          "another gateway instead of Kafka: the https:// of its [[http]] with relay = true. Its routes then "
          "decide on topic, key and form",
          R::set<&RouteConfig::to>},
    Field{"ca_file", Kind::path, R"("")",
          "with to: certificates trusted to sign that gateway's, or those of a proxy that looks into TLS; "
          "empty: the system's",
          R::set<&RouteConfig::ca_file>},
    Field{"cert_file", Kind::path, R"("")", "with to: our certificate, if that gateway has a client_ca_file",
          R::set<&RouteConfig::cert_file>},
    Field{"key_file", Kind::path, R"("")", "its private key", R::set<&RouteConfig::key_file>},
    Field{"token_file", Kind::path, R"("")",
          "with to: a file with our bearer token, whose SHA-256 is in that gateway's tokens_file",
          R::set<&RouteConfig::token_file>},
    Field{"proxy", Kind::boolean, "false", "with to: reach that gateway through the proxy of [kafka.proxy]",
          R::set<&RouteConfig::proxy>},
};

constexpr std::array route_section{
    Section{"route", true,
            "a way out with a cursor, a key and a state of its own, so that one blocked topic does not hold "
            "another; without any there is one, named kafka, as [kafka] says",
            route_fields, table::element<&Config::route>}};

}  // namespace

std::span<const Section> route_sections() {
  return route_section;
}

}  // namespace weather::gateway
