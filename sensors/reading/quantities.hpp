// The quantities the gateway knows by name. Pure; any thread.
//
// Names are CF standard names where CF has one (https://cfconventions.org), else ours. A quantity that is not
// in the table is not lost: it keeps the name it came with.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace weather::sensors {

struct QuantityInfo {
  std::string_view name;           // "air_temperature"
  std::string_view alias;          // "temperature": what people write and what the JSON form says
  std::string_view unit;           // canonical UCUM unit; empty: a count or an index
  std::string_view imperial_unit;  // empty: the same as `unit`
};

std::span<const QuantityInfo> known_quantities();
const QuantityInfo* find_quantity(std::string_view name);            // by canonical name
const QuantityInfo* find_quantity_by_alias(std::string_view alias);  // by alias only

// What a field is called that has a quantity's name and is not this quantity in one of its units: a name or
// alias of the table is for that quantity alone. "rain_raw" for "rain".
std::string raw_name(std::string_view name);

// "air_temperature" for "temperature"; an unknown name is its own canonical name.
std::string_view canonical_name(std::string_view name_or_alias);
// "temperature" for "air_temperature"; an unknown name is its own alias.
std::string_view alias_of(std::string_view name);
// The canonical unit of a name, empty if unknown.
std::string_view canonical_unit(std::string_view name);

}  // namespace weather::sensors
