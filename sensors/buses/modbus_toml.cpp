#include "sensors/buses/modbus_toml.hpp"

#include <utility>

namespace weather::sensors {
namespace {

std::span<const TableKey> register_keys() {
  using namespace key_type;
  static constexpr TableKey keys[] = {
      {"address", integer, "address on the wire, from 0: 40001 of a manual is holding 0, 30001 is input 0"},
      {"table", R"("enum":["holding","input"])", "which registers"},
      {"type", R"("enum":["u16","s16","u32","s32","f32"])", "what they hold"},
      {"words", R"("enum":["big","little"])", "big: the first of two registers is the high word"},
      {"quantity", text, "name or alias of a quantity, or any other name"},
      {"unit", text, "what the number is in, after scale and offset"},
      {"scale", number, "value = sent * scale + offset"},
      {"offset", number, "see scale"},
      {"part", text, "the sub-sensor"},
      {"stat", stat, "kind of value"},
      {"missing", numbers, "raw numbers that mean that there is no value"},
  };
  return keys;
}

class Reader {
 public:
  TableReader in;

  ModbusInstrument read(const toml::table& table) {
    in.known_keys(table, "[[modbus]]", modbus_keys());
    ModbusInstrument out;
    auto& options = out.options;
    options.name = in.text(table, "name").value_or("");
    options.device = in.text(table, "device").value_or("");
    options.host = in.text(table, "host").value_or("");
    options.baud = static_cast<int>(in.integer(table, "baud", 9600, 50, 4'000'000));
    options.parity = in.word<char>(table, "parity", {{"N", 'N'}, {"E", 'E'}, {"O", 'O'}});
    options.data_bits = static_cast<int>(in.integer(table, "data_bits", 8, 7, 8));
    options.stop_bits = static_cast<int>(in.integer(table, "stop_bits", 1, 1, 2));
    options.port = static_cast<int>(in.integer(table, "port", 502, 1, 65535));
    options.unit = static_cast<int>(in.integer(table, "unit", 1, 1, 247));
    options.timeout = std::chrono::milliseconds(in.integer(table, "timeout_ms", 500, 10, 1000));
    options.tries = static_cast<int>(in.integer(table, "tries", 2, 1, 2));
    out.interval = std::chrono::seconds(in.integer(table, "interval_s", 60, 1, 86'400));
    if (options.name.empty())
      in.error(table, "an instrument needs a name: its readings are \"modbus:<name>\"");
    if (options.device.empty() == options.host.empty())
      in.error(table, "an instrument has either a device (\"/dev/ttyUSB0\") or a host");
    registers(table, options.registers);
    return out;
  }

 private:
  void registers(const toml::table& table, std::vector<Register>& out) {
    const auto* list = table.get_as<toml::array>("register");
    if (list == nullptr || list->empty() || !list->is_array_of_tables())
      return in.error(table, "an instrument needs a [[modbus.register]]");
    for (const auto& node : *list) out.push_back(one(*node.as_table()));
  }

  Register one(const toml::table& table) {
    in.known_keys(table, "[[modbus.register]]", register_keys());
    Register out;
    if (table.get("address") == nullptr)
      in.error(table, "a register needs an address, counted from 0 as on the wire");
    out.address = static_cast<std::uint16_t>(in.integer(table, "address", 0, 0, 65535));
    out.table = in.word<RegisterTable>(
        table, "table", {{"holding", RegisterTable::holding}, {"input", RegisterTable::input}});
    out.type = in.word<RegisterType>(table, "type",
                                     {{"u16", RegisterType::u16},
                                      {"s16", RegisterType::s16},
                                      {"u32", RegisterType::u32},
                                      {"s32", RegisterType::s32},
                                      {"f32", RegisterType::f32}});
    out.words = in.word<WordOrder>(table, "words", {{"big", WordOrder::big}, {"little", WordOrder::little}});
    out.quantity = in.text(table, "quantity").value_or("");
    if (out.quantity.empty())
      in.error(table, "a register needs a quantity, for example quantity = \"wind_speed\"");
    out.unit = in.unit(table, "unit");
    out.part = in.text(table, "part").value_or("");
    out.scale = in.number(table, "scale").value_or(1);
    out.offset = in.number(table, "offset").value_or(0);
    out.stat = in.stat(table, "stat");
    out.missing = in.numbers(table, "missing");
    return out;
  }
};

}  // namespace

std::span<const TableKey> modbus_keys() {
  using namespace key_type;
  static const std::string registers = R"("type":"array","items":)" + schema_of(register_keys());
  static const TableKey keys[] = {
      {"name", text, "the readings are those of the sensor modbus:NAME"},
      {"device", text, "serial line of Modbus RTU"},
      {"baud", integer, "its speed, 9600"},
      {"parity", R"("enum":["N","E","O"])", "none, even or odd"},
      {"data_bits", integer, "7 or 8"},
      {"stop_bits", integer, "1 or 2"},
      {"host", text, "instead of a device: address of Modbus TCP"},
      {"port", integer, "502"},
      {"unit", integer, "unit identifier, 1 to 247"},
      {"interval_s", integer, "seconds between two readings, 60"},
      {"timeout_ms", integer, "how long an answer may take, 500"},
      {"tries", integer, "1 or 2"},
      {"register", registers, "what to read, one table for each value"},
  };
  return keys;
}

tl::expected<ModbusInstrument, std::vector<TomlError>> modbus_from_table(const toml::table& table) {
  Reader reader;
  auto out = reader.read(table);
  if (!reader.in.errors.empty()) return tl::unexpected(std::move(reader.in.errors));
  return out;
}

}  // namespace weather::sensors
