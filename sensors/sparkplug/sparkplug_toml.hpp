// [sparkplug] as people write it:
//
//   [sparkplug]
//   host_id = "pi-roof"        # primary host: edge nodes keep their data while we are away; empty: none
//   rebirth_retry = "60s"      # an edge node that does not answer a rebirth request is asked again after
//   this
//   [[sparkplug.field]]        # over the names of metrics: "Outdoor/Temperature" is /Outdoor/Temperature
//   path = "/Outdoor/{part}/T" # see mapping/rule_toml.hpp
//   quantity = "air_temperature"
//
// Includes toml++: for the configuration only. Pure; any thread.
#pragma once

#include <vector>

#include <tl/expected.hpp>

#include "sensors/sparkplug/options.hpp"
#include "sensors/toml/table_reader.hpp"

namespace weather::sensors {

// All errors at once.
tl::expected<SparkplugOptions, std::vector<TomlError>> sparkplug_from_table(const toml::table& table);

}  // namespace weather::sensors
