#include "gateway/config/foreign.hpp"

#include <algorithm>
#include <array>
#include <initializer_list>
#include <iterator>
#include <utility>

#include "gateway/config/quantity_name.hpp"
#include "sensors/buses/modbus_toml.hpp"
#include "sensors/lorawan/lorawan_toml.hpp"
#include "sensors/mapping/rule_toml.hpp"
#include "sensors/mapping/toml.hpp"
#include "sensors/quality/quality_toml.hpp"
#include "sensors/sparkplug/sparkplug_toml.hpp"

namespace weather::gateway {
namespace {

using Errors = std::vector<sensors::TomlError>;

// Takes the value, or hands on the faults.
template <class T, class Take>
Errors take(tl::expected<T, Errors> read, Take into) {
  if (!read) return std::move(read.error());
  into(std::move(*read));
  return {};
}

Errors read_mapping(const toml::table& table, Config& config) {
  return take(sensors::mappings_from_table(table), [&](std::vector<sensors::Mapping> mappings) {
    std::ranges::move(mappings, std::back_inserter(config.mapping));
  });
}

Errors read_modbus(const toml::table& table, Config& config) {
  return take(sensors::modbus_from_table(table), [&](sensors::ModbusInstrument instrument) {
    config.modbus.push_back({std::move(instrument.options), instrument.interval});
  });
}

Errors nearly_known_names(const toml::table& table) {
  Errors errors;
  for (const auto& [key, node] : table)
    if (auto slip = quantity_slip(key.str()); node.is_table() && !slip.empty())
      errors.push_back({key.source().begin.line, key.source().begin.column, std::move(slip)});
  return errors;
}

Errors read_quality(const toml::table& table, Config& config) {
  if (auto slips = nearly_known_names(table); !slips.empty()) return slips;
  return take(sensors::quality_from_table(table, config.quality),
              [&](sensors::QualitySettings quality) { config.quality = std::move(quality); });
}

Errors read_lorawan(const toml::table& table, Config& config) {
  return take(sensors::lorawan_from_table(table),
              [&](sensors::LorawanOptions options) { config.lorawan = std::move(options.fields); });
}

Errors read_sparkplug(const toml::table& table, Config& config) {
  return take(sensors::sparkplug_from_table(table),
              [&](sensors::SparkplugOptions options) { config.sparkplug = std::move(options); });
}

std::string any_object() {
  return R"({"type":"object"})";
}

std::string fields_of(std::initializer_list<sensors::TableKey> more) {
  const std::string fields = R"("type":"array","items":)" + sensors::schema_of(sensors::field_keys());
  std::vector<sensors::TableKey> keys(more);
  keys.push_back({"field", fields, "which field is which quantity, before the names that are known"});
  return sensors::schema_of(keys);
}

constexpr std::array<ForeignTable, 5> all{{
    {"mapping", true, "which field of a message is which quantity, for format = \"mapping\"", read_mapping,
     [] { return sensors::schema_of(sensors::mapping_keys()); }},
    {"modbus", true, "an instrument on Modbus RTU or TCP, with its registers", read_modbus,
     [] { return sensors::schema_of(sensors::modbus_keys()); }},
    {"quality", false, "what values are plausible", read_quality, any_object},
    {"lorawan", false, "fields of one's own LoRaWAN codecs", read_lorawan, [] { return fields_of({}); }},
    {"sparkplug", false, "the Sparkplug host", read_sparkplug,
     [] {
       return fields_of({{"host_id", sensors::key_type::text, "a primary host of this name"},
                         {"rebirth_retry", sensors::key_type::text, "how soon an edge node is asked again"}});
     }},
}};

}  // namespace

std::span<const ForeignTable> foreign_tables() {
  return all;
}

const ForeignTable* find_foreign(std::string_view name) {
  const auto* const found =
      std::ranges::find(all, name, [](const ForeignTable& table) { return table.name; });
  return found == all.end() ? nullptr : found;
}

}  // namespace weather::gateway
