#include "gateway/config/kafka.hpp"

#include "bridge/properties.hpp"
#include "bridge/settings.hpp"
#include "gateway/config/backlog.hpp"

namespace weather::gateway {
namespace {

using bridge::Property;
using bridge::PropertyError;

Place place_of(const Config& config, const std::string& key) {
  const auto found = config.places.find(key);
  return found == config.places.end() ? Place{} : found->second;
}

void add(std::vector<ConfigError>& errors, const std::vector<PropertyError>& found, const std::string& file) {
  for (const auto& error : found)
    errors.push_back({{file, static_cast<std::uint32_t>(error.line), 1}, error.key, error.text});
}

// The keys of [kafka.properties], judged one set; places come from the TOML.
void check_own(const Config& config, std::vector<ConfigError>& errors) {
  const bridge::Properties own(config.kafka.properties.begin(), config.kafka.properties.end());
  for (const auto& error : bridge::check_properties(own, bridge::Client::forwarder)) {
    const auto key = "kafka.properties." + error.key;
    errors.push_back({place_of(config, key), key, error.text});
  }
}

}  // namespace

tl::expected<bridge::ForwarderOptions, std::vector<ConfigError>> forwarder_options(const Config& config,
                                                                                   const std::string& id) {
  std::vector<ConfigError> errors;
  bridge::ForwarderOptions options;
  if (!config.kafka.properties_file.empty()) {
    const auto file = config.kafka.properties_file.string();
    const auto parsed = bridge::read_properties_file(file);
    if (parsed) {
      add(errors, bridge::check_properties(*parsed, bridge::Client::forwarder), file);
      for (const auto& property : *parsed) options.properties[property.key] = property.value;
    } else {
      add(errors, parsed.error(), file);
    }
  }
  check_own(config, errors);
  for (const auto& [key, value] : config.kafka.properties) options.properties[key] = value;
  if (errors.empty() && !options.properties.contains("bootstrap.servers"))
    errors.push_back(
        {place_of(config, "kafka.topic"), "kafka.properties",
         "\"bootstrap.servers\" is not set: say where Kafka is, here or in kafka.properties_file"});
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
  bridge::RouteOptions route;
  route.topic = config.kafka.topic;
  route.headers.assign(config.kafka.headers.begin(), config.kafka.headers.end());
  route.layout = bridge::layout_from(config.kafka.layout).value();
  route.format = bridge::format_from(config.kafka.format).value();
  options.routes.push_back(std::move(route));
  return options;
}

}  // namespace weather::gateway
