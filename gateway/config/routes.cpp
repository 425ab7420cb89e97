#include "gateway/config/routes.hpp"

#include <algorithm>
#include <optional>
#include <set>

#include "bridge/encode/match.hpp"
#include "bridge/encode/topic_template.hpp"
#include "bridge/http_client/address.hpp"
#include "bridge/registry/protocol.hpp"
#include "gateway/config/quantity_name.hpp"
#include "gateway/config/values.hpp"
#include "sensors/reading/number.hpp"
#include "sensors/reading/quantities.hpp"
#include "sensors/reading/render.hpp"

namespace weather::gateway {
namespace {

// [[route]] on top of [kafka].
RouteConfig resolved(const KafkaConfig& kafka, RouteConfig route) {
  const auto inherit = [](std::string& own, const std::string& general) {
    if (own.empty()) own = general;
  };
  inherit(route.topic, kafka.topic);
  inherit(route.key, kafka.key);
  inherit(route.layout, kafka.layout);
  inherit(route.format, kafka.format);
  inherit(route.units, kafka.units);
  route.status_members = route.status_members && kafka.status_members;
  for (const auto& [name, alias] : kafka.aliases) route.aliases.emplace(name, alias);
  if (route.schema_id == 0) route.schema_id = kafka.schema_id;
  for (const auto& [name, value] : kafka.headers) route.headers.emplace(name, value);
  route.omit_headers.insert(route.omit_headers.end(), kafka.omit_headers.begin(), kafka.omit_headers.end());
  return route;
}

bool is_unit_system(std::string_view text) {
  return sensors::unit_system_from(text).has_value();
}

// The header follows the values.
void set_units(const RouteConfig& route, bridge::RouteOptions& options) {
  options.units = *sensors::unit_system_from(route.units);
  for (const auto& [name, alias] : route.aliases)
    options.aliases.emplace(sensors::canonical_name(name), alias);
  const auto unit = std::find_if(options.headers.begin(), options.headers.end(),
                                 [](const auto& header) { return header.first == "unit"; });
  if (unit == options.headers.end()) {
    if (route.units == "imperial") options.headers.emplace_back("unit", route.units);
  } else if (is_unit_system(unit->second)) {
    unit->second = route.units;
  }
}

// A file name on any system, and a word for the command line.
bool legal_name(std::string_view name) {
  const auto legal = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
  };
  return !name.empty() && name.size() <= 32 && name.front() != '-' &&
         std::all_of(name.begin(), name.end(), legal);
}

// Of a quantity: nothing for what is no difference.
std::optional<double> smallest_change(std::string_view text) {
  const auto value = sensors::parse_double(text);
  return value && *value >= 0 ? value : std::nullopt;
}

bridge::Thinning thinning_of(const RouteConfig& route) {
  bridge::Thinning thinning;
  thinning.period = std::chrono::duration_cast<std::chrono::seconds>(route.period);
  for (const auto& name : route.statistics)
    thinning.statistics.push_back(bridge::statistic_from(name).value());
  thinning.heartbeat = std::chrono::duration_cast<std::chrono::seconds>(route.heartbeat);
  for (const auto& [name, text] : route.changes)
    thinning.changes.emplace(sensors::canonical_name(name), smallest_change(text).value());
  return thinning;
}

class RouteChecker {
 public:
  explicit RouteChecker(const Config& config) : config_(config) {}

  std::vector<ConfigError> run() && {
    topic_and_key(config_.kafka.topic, config_.kafka.key, "kafka.");
    headers(config_.kafka.headers, "kafka.");
    omitted(config_.kafka.omit_headers, "kafka.");
    units(config_.kafka.headers, config_.kafka.units, config_.kafka.aliases, "kafka.");
    registry();
    const bool alone = config_.route.empty();
    if (alone) value(resolved(config_.kafka, {}), "kafka.");
    for (std::size_t i = 0; i < config_.route.size(); ++i)
      route(config_.route[i], "route[" + std::to_string(i) + "].");
    return std::move(errors_);
  }

 private:
  void add(const std::string& key, std::string text) {
    errors_.push_back(fault_at(config_, key, std::move(text)));
  }

  void topic_and_key(const std::string& topic, const std::string& key, const std::string& prefix) {
    if (const auto parsed = bridge::Template::parse_topic(topic); !parsed)
      add(prefix + "topic", "\"" + topic + "\" " + parsed.error());
    if (const auto parsed = bridge::Template::parse(key); !parsed)
      add(prefix + "key", "\"" + key + "\" " + parsed.error());
  }

  void headers(const std::map<std::string, std::string>& headers, const std::string& prefix) {
    for (const auto& [name, text] : headers) {
      if (name.starts_with("ce_") || name == "content-type" || name == "traceparent" || name == "tracestate")
        add(prefix + "headers." + name, "is written by the gateway itself: choose another name");
      if ((name == "source" || name == "unit") && text.empty())
        add(prefix + "headers." + name, "goes with every event: give it a value");
    }
  }

  void omitted(const std::vector<std::string>& names, const std::string& prefix) {
    for (const auto& name : names) {
      if (bridge::may_omit(name)) continue;
      if (name == "ce_id" || name == "ce_type" || name == "source" || name == "unit") {
        add(prefix + "omit_headers", "\"" + name + "\" always goes along: readers tell events apart by it");
        continue;
      }
      const auto near = nearest(name, bridge::optional_headers());
      add(prefix + "omit_headers", "there is no header \"" + name + "\" to leave out" +
                                       (near ? "; did you mean \"" + std::string(*near) + "\"?" : ""));
    }
  }

  // The header unit may say anything but what is wrong and was written there; what is inherited follows the
  // values.
  void units(const std::map<std::string, std::string>& headers, const std::string& units,
             const std::map<std::string, std::string>& aliases, const std::string& prefix) {
    const auto unit = headers.find("unit");
    const auto key = prefix + "headers.unit";
    if (config_.places.contains(key) && unit != headers.end() && is_unit_system(unit->second) &&
        unit->second != units)
      add(key, "\"" + unit->second + "\" is not true: the values are " + units + " (" + prefix + "units)");
    for (const auto& [name, alias] : aliases) {
      if (name.empty() || alias.empty()) add(prefix + "aliases", "need a name on both sides");
      if (auto slip = quantity_slip(name); !slip.empty()) add(prefix + "aliases." + name, std::move(slip));
    }
  }

  void registry() {
    const auto& registry = config_.schema_registry;
    if (!registry.url.empty())
      if (const auto address = http_client::parse_address(registry.url); !address)
        add("schema_registry.url", address.error());
    if (registry.username.empty() && !registry.password_file.empty())
      add("schema_registry.password_file", "needs a username");
  }

  void value(const RouteConfig& route, const std::string& prefix) {
    const auto format = bridge::format_from(route.format).value_or(bridge::Format::json);
    const bool in_header = config_.schema_registry.id_in == "header";
    if (bridge::has_schema(format) && config_.schema_registry.url.empty() &&
        (route.schema_id == 0 || in_header))
      add(prefix + "format", "\"" + route.format + "\" needs the " + (in_header ? "GUID" : "number") +
                                 " of the schema: set schema_registry.url" +
                                 (in_header ? "" : ", or schema_id"));
    if (in_header && route.schema_id != 0)
      add(prefix + "schema_id",
          "is a number, and schema_registry.id_in = \"header\" sends a GUID, which only the "
          "registry knows: remove one of the two");
    if (route.units == "imperial" && !bridge::is_json(format))
      add(prefix + "units", "is of the JSON form only: " + route.format + " names the unit of each value");
    if (route.layout == "envelope" && route.format != "json")
      add(prefix + "layout", "an envelope is JSON, and " + prefix + "format is \"" + route.format +
                                 "\": use layout = \"record\"");
  }

  void route(const RouteConfig& route, const std::string& prefix) {
    if (!legal_name(route.name))
      add(prefix + "name", "\"" + route.name + "\" must be 1 to 32 of a-z, 0-9, '-' and '_'");
    else if (!names_.insert(route.name).second)
      add(prefix + "name", "two routes are named \"" + route.name + "\": each has a cursor of its own");
    const auto whole = resolved(config_.kafka, route);
    if (!route.topic.empty() || !route.key.empty()) topic_and_key(whole.topic, whole.key, prefix);
    headers(route.headers, prefix);
    omitted(route.omit_headers, prefix);
    units(route.headers, whole.units, route.aliases, prefix);
    value(whole, prefix);
    thinning(route, prefix);
    relay(route, prefix);
    if (const auto match = bridge::Match::parse(route.match); !match) add(prefix + "match", match.error());
  }

  // A route to another gateway, whose own routes say how records look.
  void relay(const RouteConfig& route, const std::string& prefix) {
    const std::pair<const char*, bool> of_relays[] = {{"ca_file", !route.ca_file.empty()},
                                                      {"cert_file", !route.cert_file.empty()},
                                                      {"key_file", !route.key_file.empty()},
                                                      {"token_file", !route.token_file.empty()},
                                                      {"proxy", route.proxy}};
    if (route.to.empty()) {
      for (const auto& [key, given] : of_relays)
        if (given) add(prefix + key, "is for a route to another gateway: set " + prefix + "to");
      return;
    }
    const auto address = http_client::parse_address(route.to);
    if (!address) add(prefix + "to", address.error());
    if (address && !address->tls && (!route.token_file.empty() || !route.cert_file.empty()))
      add(prefix + "to", "\"" + route.to + "\" would send the token in the clear: use https://");
    if (route.cert_file.empty() != route.key_file.empty())
      add(prefix + "cert_file", "and key_file go together: give both or none");
    const std::pair<const char*, bool> of_kafka[] = {
        {"topic", !route.topic.empty()},           {"key", !route.key.empty()},
        {"layout", !route.layout.empty()},         {"format", !route.format.empty()},
        {"units", !route.units.empty()},           {"aliases", !route.aliases.empty()},
        {"schema_id", route.schema_id != 0},       {"headers", !route.headers.empty()},
        {"properties", !route.properties.empty()}, {"omit_headers", !route.omit_headers.empty()}};
    for (const auto& [key, given] : of_kafka)
      if (given)
        add(prefix + key,
            "is of Kafka's records, and " + prefix + "to names a gateway: set it in that one's routes");
    if (config_.kafka.delivery == "exactly-once")
      add(prefix + "to",
          "and kafka.delivery = \"exactly-once\": a route to another gateway is exactly once "
          "without; leave kafka.delivery out and set it there");
  }

  void thinning(const RouteConfig& route, const std::string& prefix) {
    if (route.period.count() > 0) period(route, prefix);
    if (route.period.count() > 0 && route.heartbeat.count() > 0)
      add(prefix + "heartbeat",
          "and " + prefix + "period: a route sends summaries or changes; make two routes");
    if (route.heartbeat.count() % 1000 != 0) add(prefix + "heartbeat", "must be whole seconds");
    if (!route.changes.empty() && route.heartbeat.count() == 0)
      add(prefix + "changes",
          "needs " + prefix + "heartbeat: after that long a reading is sent all the same");
    for (const auto& [name, text] : route.changes) {
      if (auto slip = quantity_slip(name); !slip.empty()) add(prefix + "changes." + name, std::move(slip));
      if (!smallest_change(text))
        add(prefix + "changes." + name,
            "\"" + text + "\" is no difference: a number from 0 on, in the quantity's unit");
    }
  }

  void period(const RouteConfig& route, const std::string& prefix) {
    using bridge::Statistic;
    if (route.period.count() % 1000 != 0) add(prefix + "period", "must be whole seconds");
    if (route.statistics.empty())
      add(prefix + "statistics", "name one at least: mean, min, max, last, sum, count");
    int of_one_name = 0;
    for (const auto& name : route.statistics) {
      const auto statistic = bridge::statistic_from(name);
      if (!statistic) {
        add(prefix + "statistics", "\"" + name + "\" is none of mean, min, max, last, sum, count");
      } else if (*statistic == Statistic::mean || *statistic == Statistic::last ||
                 *statistic == Statistic::sum) {
        ++of_one_name;
      }
    }
    if (of_one_name > 1)
      add(prefix + "statistics", "mean, last and sum all go under the quantity's own name: choose one");
  }

  const Config& config_;
  std::vector<ConfigError> errors_;
  std::set<std::string> names_;
};

bridge::RouteOptions relay_options(const RouteConfig& route) {
  bridge::RouteOptions options;
  options.name = route.name;
  options.topic = route.to;
  options.match = route.match;
  options.thinning = thinning_of(route);
  options.relay = bridge::RelayOptions{route.to,       route.ca_file,    route.cert_file,
                                       route.key_file, route.token_file, route.proxy};
  return options;
}

bridge::RouteOptions options_of(const Config& config, const RouteConfig& route) {
  if (!route.to.empty()) return relay_options(route);
  bridge::RouteOptions options;
  options.name = route.name;
  options.topic = route.topic;
  options.key = route.key;
  options.match = route.match;
  options.headers.assign(route.headers.begin(), route.headers.end());
  options.omit_headers = route.omit_headers;
  options.layout = bridge::layout_from(route.layout).value();
  options.format = bridge::format_from(route.format).value();
  set_units(route, options);
  options.status_members = route.status_members;
  options.schema_id = static_cast<std::int32_t>(route.schema_id);
  options.schema_in_header = bridge::has_schema(options.format) && config.schema_registry.id_in == "header";
  options.thinning = thinning_of(route);
  options.properties.insert(route.properties.begin(), route.properties.end());
  return options;
}

}  // namespace

bool sends_to_kafka(const Config& config) {
  return config.route.empty() || std::any_of(config.route.begin(), config.route.end(),
                                             [](const RouteConfig& route) { return route.to.empty(); });
}

std::vector<ConfigError> route_faults(const Config& config) {
  return RouteChecker(config).run();
}

std::vector<bridge::RouteOptions> route_options(const Config& config) {
  std::vector<bridge::RouteOptions> routes;
  for (const auto& route : config.route) routes.push_back(options_of(config, resolved(config.kafka, route)));
  if (routes.empty()) {
    RouteConfig only;
    only.name = "kafka";
    routes.push_back(options_of(config, resolved(config.kafka, only)));
  }
  for (auto& route : routes) route.keeps_undecodable = &route == &routes.front();
  return routes;
}

std::vector<std::string> route_names(const Config& config) {
  std::vector<std::string> names;
  for (const auto& route : config.route) names.push_back(route.name);
  if (names.empty()) names.emplace_back("kafka");
  return names;
}

}  // namespace weather::gateway
