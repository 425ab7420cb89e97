#include "gateway/app/formats.hpp"

#include "sensors/decoders/rtl_433.hpp"
#include "sensors/lorawan/formats.hpp"
#include "sensors/mapping/formats.hpp"
#include "sensors/sparkplug/formats.hpp"

namespace weather::gateway {
namespace {

template <class Sources>
void check_each(const Config& config, const sensors::Registry& registry, const char* section,
                const Sources& sources, std::vector<ConfigError>& errors) {
  for (std::size_t i = 0; i < sources.size(); ++i) {
    const auto decoder = registry.make(sources[i].format);
    if (decoder) continue;
    const auto key = std::string(section) + "[" + std::to_string(i) + "].format";
    const auto place = config.places.find(key);
    std::string known;
    for (const auto& name : registry.names()) known += (known.empty() ? "" : ", ") + name;
    errors.push_back(
        {place == config.places.end() ? Place{} : place->second, key, decoder.error() + "; known: " + known});
  }
}

}  // namespace

sensors::Registry make_registry(const Config& config) {
  sensors::Registry registry;
  sensors::add_decoders(registry);
  sensors::add_presets(registry);
  sensors::add_lorawan(registry, {config.lorawan});
  sensors::add_sparkplug(registry, config.sparkplug);
  registry.add({"rtl_433", registry.find("rtl_433")->summary,
                [window = config.sensors.repeat_window](
                    const sensors::DecoderSettings&) -> tl::expected<sensors::Decoder, std::string> {
                  return sensors::rtl_433_decoder(window);
                }});
  registry.add({"mapping", "the [[mapping]] tables of this configuration",
                [mappings = config.mapping](
                    const sensors::DecoderSettings&) -> tl::expected<sensors::Decoder, std::string> {
                  if (mappings.empty())
                    return tl::unexpected(std::string("format \"mapping\" needs at least one [[mapping]]"));
                  return sensors::mapping_decoder(mappings);
                }});
  return registry;
}

std::vector<ConfigError> check_formats(const Config& config) {
  const auto registry = make_registry(config);
  std::vector<ConfigError> errors;
  check_each(config, registry, "mqtt", config.mqtt, errors);
  check_each(config, registry, "listener", config.listener, errors);
  check_each(config, registry, "lines", config.lines, errors);
  return errors;
}

}  // namespace weather::gateway
