// One rule of a field as people write it, in [[mapping.field]], [[lorawan.field]] and [[sparkplug.field]]:
//
//   path = "/outside/{part}/temp"
//   quantity = "air_temperature"        # or target = "rssi_dbm", "battery_ratio", "drop" ...
//   unit = "F"                          # or unit_from = "/units/temp", units = { "1" = "F" }
//   part = "{part}"
//   stat = "instant"                    # instant | mean | max | min | sum | counter
//   period_s = 60
//   scale = 0.1
//   offset = 0
//   missing = [-9999]
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "sensors/mapping/rules.hpp"
#include "sensors/toml/table_reader.hpp"

namespace weather::sensors {

std::span<const TableKey> field_keys();

// what: how the user writes the table, for errors.
FieldRule rule_from_table(TableReader& reader, const toml::table& table, std::string_view what);
// The tables under "field".
std::vector<FieldRule> rules_from_table(TableReader& reader, const toml::table& table, std::string_view what);

// A way to a field; an empty one, and an error at `node`, if it is none.
Pattern pointer_from_text(TableReader& reader, const toml::node& node, std::string_view text);

}  // namespace weather::sensors
