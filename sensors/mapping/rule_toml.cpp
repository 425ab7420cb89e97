#include "sensors/mapping/rule_toml.hpp"

#include <string>
#include <utility>

namespace weather::sensors {
namespace {

Target target_of(TableReader& reader, const toml::table& table) {
  return reader.word<Target>(table, "target",
                             {{"quantity", Target::quantity},
                              {"drop", Target::drop},
                              {"rssi_dbm", Target::rssi_dbm},
                              {"snr_db", Target::snr_db},
                              {"battery_v", Target::battery_v},
                              {"battery_ratio", Target::battery_ratio},
                              {"battery_low", Target::battery_low},
                              {"battery_ok", Target::battery_ok},
                              {"sequence", Target::sequence},
                              {"latitude", Target::latitude},
                              {"longitude", Target::longitude},
                              {"altitude_m", Target::altitude_m},
                              {"model", Target::model},
                              {"firmware", Target::firmware}});
}

}  // namespace

std::span<const TableKey> field_keys() {
  using namespace key_type;
  static constexpr TableKey keys[] = {
      {"path", text, "JSON pointer of the field, with holes: /outside/{part}/temp; * catches without a name"},
      {"target",
       R"("enum":["quantity","drop","rssi_dbm","snr_db","battery_v","battery_ratio","battery_low","battery_ok","sequence","latitude","longitude","altitude_m","model","firmware"])",
       "what it is, if it is no quantity"},
      {"quantity", text, "name or alias of a quantity, or any other name; a template"},
      {"unit", text, "what the number is in"},
      {"unit_from", text, "pointer of the field that says so; a template"},
      {"units", text_map, "what unit_from or the hole {unit} say: { \"1\" = \"F\" }"},
      {"part", text, "the sub-sensor; a template, {part} of the path without it"},
      {"stat", stat, "kind of value"},
      {"period_s", number, "over how many seconds"},
      {"scale", number, "value = sent * scale + offset, in unit"},
      {"offset", number, "see scale"},
      {"missing", numbers, "numbers that mean that there is no value"},
      {"where", texts_map, "a field beside it, or a pointer, has one of these values; \"\": is not there"},
      {"named", flag, "the hole's text says the quantity"},
      {"unless_log_of", text, "pointer: not where this is Zigbee's logarithm of that field"},
      {"numbers_only", flag, "not for texts"},
      {"plain_only", flag, "only where the payload is one plain value"},
  };
  return keys;
}

Pattern pointer_from_text(TableReader& reader, const toml::node& node, std::string_view text) {
  auto out = Pattern::pointer(text);
  if (!out) reader.error(node, out.error());
  return out ? std::move(*out) : Pattern();
}

FieldRule rule_from_table(TableReader& reader, const toml::table& table, std::string_view what) {
  reader.known_keys(table, what, field_keys());
  FieldRule out;
  const auto path = reader.text(table, "path");
  if (!path) reader.error(table, "a field needs a path, for example path = \"/temperature\"");
  out.path = pointer_from_text(reader, table, path.value_or(""));
  out.target = target_of(reader, table);
  out.quantity = reader.text(table, "quantity").value_or("");
  out.named = reader.flag(table, "named", false);
  out.numbers_only = reader.flag(table, "numbers_only", false);
  out.plain_only = reader.flag(table, "plain_only", false);
  if (out.target == Target::quantity && out.quantity.empty() && !out.named)
    reader.error(table, "a field needs a quantity, for example quantity = \"air_temperature\", or a target");
  if (out.named && out.quantity.empty() && out.path.names().empty())
    reader.error(table, "named = true needs a hole in the path, for example path = \"/{part}\"");
  out.unit = reader.unit(table, "unit");
  out.unit_from = reader.text(table, "unit_from").value_or("");
  if (const auto* units = table.get_as<toml::table>("units"))
    for (const auto& [said, unit] : *units) out.units.emplace(said.str(), unit.value_or(std::string()));
  out.part = reader.text(table, "part").value_or("");
  out.stat = reader.stat(table, "stat");
  const double period = reader.number(table, "period_s").value_or(0);
  if (period < 0 || period > 4e9)
    reader.error(table, "period_s is a number of seconds");
  else
    out.period_s = static_cast<std::uint32_t>(period);
  out.scale = reader.number(table, "scale").value_or(1);
  out.offset = reader.number(table, "offset").value_or(0);
  out.missing = reader.numbers(table, "missing");
  out.unless_log_of = reader.text(table, "unless_log_of").value_or("");
  if (const auto* where = table.get("where")) {
    if (!where->is_table())
      reader.error(*where, "where is a table: { \"/type\" = [\"weather\"] }");
    else
      for (const auto& [key, values] : *where->as_table())
        out.where.push_back({std::string(key.str()), reader.texts(values, "where")});
  }
  return out;
}

std::vector<FieldRule> rules_from_table(TableReader& reader, const toml::table& table,
                                        std::string_view what) {
  std::vector<FieldRule> out;
  reader.tables(table, "field",
                [&](const toml::table& field) { out.push_back(rule_from_table(reader, field, what)); });
  return out;
}

}  // namespace weather::sensors
