#include "sensors/buses/modbus_toml.hpp"

#include <algorithm>
#include <initializer_list>
#include <optional>
#include <utility>

#include "sensors/reading/units.hpp"

namespace weather::sensors {
namespace {

class Reader {
 public:
  std::vector<ModbusError> errors;

  ModbusInstrument read(const toml::table& table) {
    known_keys(table, "[[modbus]]",
               {"name", "device", "baud", "parity", "data_bits", "stop_bits", "host", "port", "unit",
                "interval_s", "timeout_ms", "tries", "register"});
    ModbusInstrument out;
    auto& options = out.options;
    options.name = text(table, "name").value_or("");
    options.device = text(table, "device").value_or("");
    options.host = text(table, "host").value_or("");
    options.baud = static_cast<int>(integer(table, "baud", 9600, 50, 4'000'000));
    options.parity = word<char>(table, "parity", {{"N", 'N'}, {"E", 'E'}, {"O", 'O'}});
    options.data_bits = static_cast<int>(integer(table, "data_bits", 8, 7, 8));
    options.stop_bits = static_cast<int>(integer(table, "stop_bits", 1, 1, 2));
    options.port = static_cast<int>(integer(table, "port", 502, 1, 65535));
    options.unit = static_cast<int>(integer(table, "unit", 1, 1, 247));
    options.timeout = std::chrono::milliseconds(integer(table, "timeout_ms", 500, 10, 1000));
    options.tries = static_cast<int>(integer(table, "tries", 2, 1, 2));
    out.interval = std::chrono::seconds(integer(table, "interval_s", 60, 1, 86'400));
    if (options.name.empty()) error(table, "an instrument needs a name: its readings are \"modbus:<name>\"");
    if (options.device.empty() == options.host.empty())
      error(table, "an instrument has either a device (\"/dev/ttyUSB0\") or a host");
    registers(table, options.registers);
    return out;
  }

 private:
  void error(const toml::node& node, std::string what) {
    const auto& at = node.source().begin;
    errors.push_back({at.line, at.column, std::move(what)});
  }

  void known_keys(const toml::table& table, std::string_view what,
                  std::initializer_list<std::string_view> keys) {
    for (const auto& [key, node] : table) {
      if (std::ranges::find(keys, key.str()) != keys.end()) continue;
      std::string all;
      for (const auto name : keys) all += (all.empty() ? "" : ", ") + std::string(name);
      error(node, std::string(what) + " has no key \"" + std::string(key.str()) + "\"; it has " + all);
    }
  }

  std::optional<std::string> text(const toml::table& table, std::string_view key) {
    const auto* node = table.get(key);
    if (node == nullptr) return std::nullopt;
    if (const auto* value = node->as_string()) return value->get();
    error(*node, std::string(key) + " is a text in quotes");
    return std::nullopt;
  }

  std::int64_t integer(const toml::table& table, std::string_view key, std::int64_t otherwise,
                       std::int64_t least, std::int64_t most) {
    const auto* node = table.get(key);
    if (node == nullptr) return otherwise;
    const auto* value = node->as_integer();
    if (value != nullptr && value->get() >= least && value->get() <= most) return value->get();
    error(*node,
          std::string(key) + " is a number from " + std::to_string(least) + " to " + std::to_string(most));
    return otherwise;
  }

  double number(const toml::table& table, std::string_view key, double otherwise) {
    const auto* node = table.get(key);
    if (node == nullptr) return otherwise;
    if (node->is_number()) return node->value_or(otherwise);
    error(*node, std::string(key) + " is a number");
    return otherwise;
  }

  template <class T>
  T word(const toml::table& table, std::string_view key,
         std::initializer_list<std::pair<std::string_view, T>> words) {
    const auto value = text(table, key);
    if (!value) return words.begin()->second;
    std::string all;
    for (const auto& [name, meaning] : words) {
      if (name == *value) return meaning;
      all += (all.empty() ? "" : ", ") + std::string(name);
    }
    error(*table.get(key), std::string(key) + " is one of " + all + ", not \"" + *value + "\"");
    return words.begin()->second;
  }

  void registers(const toml::table& table, std::vector<Register>& out) {
    const auto* list = table.get_as<toml::array>("register");
    if (list == nullptr || list->empty() || !list->is_array_of_tables())
      return error(table, "an instrument needs a [[modbus.register]]");
    for (const auto& node : *list) out.push_back(one(*node.as_table()));
  }

  Register one(const toml::table& table) {
    known_keys(table, "[[modbus.register]]",
               {"address", "table", "type", "words", "quantity", "unit", "scale", "offset", "part", "stat",
                "missing"});
    Register out;
    if (table.get("address") == nullptr)
      error(table, "a register needs an address, counted from 0 as on the wire");
    out.address = static_cast<std::uint16_t>(integer(table, "address", 0, 0, 65535));
    out.table = word<RegisterTable>(table, "table",
                                    {{"holding", RegisterTable::holding}, {"input", RegisterTable::input}});
    out.type = word<RegisterType>(table, "type",
                                  {{"u16", RegisterType::u16},
                                   {"s16", RegisterType::s16},
                                   {"u32", RegisterType::u32},
                                   {"s32", RegisterType::s32},
                                   {"f32", RegisterType::f32}});
    out.words = word<WordOrder>(table, "words", {{"big", WordOrder::big}, {"little", WordOrder::little}});
    out.quantity = text(table, "quantity").value_or("");
    if (out.quantity.empty())
      error(table, "a register needs a quantity, for example quantity = \"wind_speed\"");
    out.unit = text(table, "unit").value_or("");
    if (!out.unit.empty()) {
      const auto ucum = ucum_from_spelling(out.unit);
      if (ucum.empty()) error(*table.get("unit"), "nobody knows the unit \"" + out.unit + "\"");
      out.unit = ucum;
    }
    out.part = text(table, "part").value_or("");
    out.scale = number(table, "scale", 1);
    out.offset = number(table, "offset", 0);
    out.stat = word<v1::Stat>(table, "stat",
                              {{"instant", v1::STAT_INSTANT},
                               {"mean", v1::STAT_MEAN},
                               {"max", v1::STAT_MAX},
                               {"min", v1::STAT_MIN},
                               {"sum", v1::STAT_SUM},
                               {"counter", v1::STAT_COUNTER}});
    if (const auto* missing = table.get_as<toml::array>("missing"))
      for (const auto& value : *missing) out.missing.push_back(value.value_or(0.0));
    return out;
  }
};

}  // namespace

tl::expected<ModbusInstrument, std::vector<ModbusError>> modbus_from_table(const toml::table& table) {
  Reader reader;
  auto out = reader.read(table);
  if (!reader.errors.empty()) return tl::unexpected(std::move(reader.errors));
  return out;
}

}  // namespace weather::sensors
