// Tables with a reader of their own in sensors/: nested, and read by those who know the instruments.
//
// Includes toml++: for load.cpp only.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include <toml++/toml.h>

#include "gateway/config/config.hpp"
#include "sensors/toml/table_reader.hpp"

namespace weather::gateway {

struct ForeignTable {
  std::string_view name;
  bool repeated;  // [[name]]
  std::string_view meaning;
  // Puts what it reads into the configuration; nothing if there are faults.
  std::vector<sensors::TomlError> (*read)(const toml::table& table, Config& config);
  std::string (*schema)();  // of one table, JSON Schema
};
std::span<const ForeignTable> foreign_tables();
const ForeignTable* find_foreign(std::string_view name);

}  // namespace weather::gateway
