#include "gateway/config/kafka.hpp"

#include <algorithm>

#include "bridge/kafka/properties.hpp"
#include "bridge/kafka/proxied.hpp"
#include "bridge/kafka/secrets.hpp"
#include "bridge/kafka/settings.hpp"
#include "gateway/config/backlog.hpp"
#include "gateway/config/password_file.hpp"
#include "gateway/config/proxy.hpp"
#include "gateway/config/routes.hpp"

namespace weather::gateway {
namespace {

using bridge::Property;
using bridge::PropertyError;

void add(std::vector<ConfigError>& errors, const std::vector<PropertyError>& found, const std::string& file) {
  for (const auto& error : found)
    errors.push_back(
        {{bridge::shown(file), static_cast<std::uint32_t>(error.line), 1}, error.key, error.text});
}

// The keys of [kafka.properties] or a route's, judged as one set; places come from the TOML.
void check_own(const Config& config, const std::map<std::string, std::string>& properties,
               const std::string& prefix, std::vector<ConfigError>& errors) {
  const bridge::Properties own(properties.begin(), properties.end());
  for (const auto& error : bridge::check_properties(own, bridge::Client::forwarder))
    errors.push_back(fault_at(config, prefix + error.key, error.text));
}

// [schema_registry], or without a URL there what the properties_file says of one.
std::optional<bridge::RegistrySettings> registry_settings(const Config& config,
                                                          const bridge::RegistryAccess& of_file,
                                                          std::vector<ConfigError>& errors) {
  const auto& from = config.schema_registry;
  bridge::RegistrySettings settings;
  if (!from.url.empty())
    settings.ask = {from.url, from.username,
                    password_in(config, "schema_registry.password_file", from.password_file, errors),
                    from.ca_file, from.enrol};
  else if (!of_file.url.empty())
    settings.ask = {of_file.url, of_file.username, of_file.password, from.ca_file, from.enrol};
  else
    return std::nullopt;
  settings.subject = from.subject;
  settings.cache_dir = config.gateway.data_dir / "schemas";
  return settings;
}

bool has_servers(const Config& config, const bridge::Properties& general) {
  constexpr auto servers = "bootstrap.servers";
  return general.contains(servers) ||
         (!config.route.empty() &&
          std::all_of(config.route.begin(), config.route.end(), [](const auto& route) {
            return !route.to.empty() || route.properties.contains(servers);
          }));
}

}  // namespace

tl::expected<bridge::ForwarderOptions, std::vector<ConfigError>> forwarder_options(const Config& config,
                                                                                   const std::string& id) {
  std::vector<ConfigError> errors;
  bridge::ForwarderOptions options;
  bridge::RegistryAccess registry;
  if (!config.kafka.properties_file.empty()) {
    const auto file = config.kafka.properties_file.string();
    const auto parsed = bridge::read_client_file(file);
    if (parsed) {
      add(errors, bridge::check_properties(parsed->properties, bridge::Client::forwarder), file);
      for (const auto& property : parsed->properties) options.properties[property.key] = property.value;
      registry = parsed->registry;
    } else {
      add(errors, parsed.error(), file);
    }
  }
  check_own(config, config.kafka.properties, "kafka.properties.", errors);
  for (std::size_t i = 0; i < config.route.size(); ++i)
    check_own(config, config.route[i].properties, "route[" + std::to_string(i) + "].properties.", errors);
  for (const auto& [key, value] : config.kafka.properties) options.properties[key] = value;
  for (const auto& [key, value] : proxy_properties(config, errors)) options.properties[key] = value;
  options.registry = registry_settings(config, registry, errors);
  if (const auto proxy = bridge::proxy_settings(options.properties); proxy && options.registry)
    options.registry->ask.proxy = *proxy;
  else if (!proxy && errors.empty())
    errors.push_back(fault_at(config, "kafka.properties", proxy.error()));
  if (errors.empty() && !has_servers(config, options.properties))
    errors.push_back(
        fault_at(config, "kafka.properties",
                 "\"bootstrap.servers\" is not set: say where Kafka is, here or in kafka.properties_file"));
  options.backlog = backlog_options(config, errors);
  if (!errors.empty()) return tl::unexpected(std::move(errors));

  options.gateway_id = id;
  options.profile = bridge::profile_from(config.kafka.profile).value();
  options.delivery = bridge::delivery_from(config.kafka.delivery).value();
  options.window_records = config.kafka.window_records;
  options.window_bytes = config.kafka.window_bytes;
  options.dead_letter_dir = config.gateway.data_dir / "dead-letters";
  options.dead_letter_max_bytes = config.dead_letters.max_bytes;
  options.dead_letter_topic = config.dead_letters.topic;
  options.routes = route_options(config);
  return options;
}

}  // namespace weather::gateway
