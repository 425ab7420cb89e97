// The presets as formats a source can be configured with: `format = "tasmota"`, optional setting `base`.
// Pure; any thread.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "sensors/decoders/registry.hpp"
#include "sensors/mapping/mapping.hpp"

namespace weather::sensors {

// One format per preset.
void add_presets(Registry& registry);

// The mappings of one preset; nothing if there is none of that name.
std::optional<Mapper> preset_mapper(const std::string& preset);

// A decoder over the user's own mappings; the topics it wants are Mapper::mqtt_filters().
Decoder mapping_decoder(std::vector<Mapping> mappings);

}  // namespace weather::sensors
