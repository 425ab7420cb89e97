// Mappings as people write them. One [[mapping]] is a preset, maybe changed, or a table of its own:
//
//   [[mapping]]
//   preset = "tasmota"                  # all it says holds; what follows here wins, its fields come first
//   [[mapping]]
//   name = "roof"
//   topics = ["station/{device}/json"]
//   ignore = ["station/{device}/status"]
//   id = "roof:{device}"                # {name} of topic or path, {/pointer} into the payload
//   payload = "json"                    # json | text | ascii | sdi12 | ruuvi
//   base = "station"                    # replaces {base} in topics, ignore and id
//   when = { "/type" = ["weather"] }
//   time = [{ path = "/time", utc = true, source = "sensor" }]   # sensor | receiver
//   repeats = "keep"                    # keep | flag | drop
//   repeat_key = "/packet"              # for drop
//   common_names = true                 # after the fields below: temperature, humidity, wind_speed ... as
//   they are
//   [[mapping.field]]
//   path = "/outside/{part}/temp"     # see rule_toml.hpp
//   quantity = "air_temperature"
//
// Includes toml++: for the configuration only. Pure; any thread.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include <tl/expected.hpp>

#include "sensors/mapping/mapping.hpp"
#include "sensors/toml/table_reader.hpp"

namespace weather::sensors {

using Mappings = tl::expected<std::vector<Mapping>, std::vector<TomlError>>;

std::span<const TableKey> mapping_keys();

// One [[mapping]]; several mappings if it names a preset that has several. All errors at once.
Mappings mappings_from_table(const toml::table& table);
// A document with [[mapping]] tables, as a preset or a test has it.
Mappings mappings_from_text(std::string_view toml_text);

}  // namespace weather::sensors
