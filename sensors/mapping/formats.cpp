#include "sensors/mapping/formats.hpp"

#include <memory>
#include <utility>

#include "sensors/mapping/presets.hpp"
#include "sensors/mapping/toml.hpp"

namespace weather::sensors {
namespace {

tl::expected<Decoder, std::string> make(const std::string& preset, const DecoderSettings& settings) {
  toml::table table{{"preset", preset}};
  for (const auto& [key, value] : settings) {
    if (key != "base")
      return tl::unexpected("format \"" + preset + "\" has the setting base only, not " + key);
    table.insert(key, value);
  }
  auto mappings = mappings_from_table(table);
  if (!mappings) return tl::unexpected(mappings.error().front().text);
  return mapping_decoder(std::move(*mappings));
}

}  // namespace

void add_presets(Registry& registry) {
  for (const auto& preset : presets()) {
    const std::string name(preset.name);
    registry.add({name, "mapping preset " + name,
                  [name](const DecoderSettings& settings) { return make(name, settings); }});
  }
}

std::optional<Mapper> preset_mapper(const std::string& preset) {
  if (find_preset(preset) == nullptr) return std::nullopt;
  auto mappings = mappings_from_table(toml::table{{"preset", preset}});
  return mappings ? std::optional<Mapper>(std::move(*mappings)) : std::nullopt;
}

Decoder mapping_decoder(std::vector<Mapping> mappings) {
  auto mapper = std::make_shared<Mapper>(std::move(mappings));
  return [mapper = std::move(mapper)](const Message& message) { return mapper->decode(message); };
}

}  // namespace weather::sensors
