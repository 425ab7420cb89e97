// [lorawan] as people write it: what the fields of one's own codecs are, for both networks.
//
//   [[lorawan.field]]
//   path = "/wind/{part}"      # in "object" (ChirpStack) or the decoded payload (The Things Stack)
//   quantity = "wind_speed"    # see mapping/rule_toml.hpp
//   unit = "km/h"
//
// Includes toml++: for the configuration only. Pure; any thread.
#pragma once

#include <vector>

#include <tl/expected.hpp>

#include "sensors/lorawan/uplink.hpp"
#include "sensors/toml/table_reader.hpp"

namespace weather::sensors {

// All errors at once.
tl::expected<LorawanOptions, std::vector<TomlError>> lorawan_from_table(const toml::table& table);

}  // namespace weather::sensors
