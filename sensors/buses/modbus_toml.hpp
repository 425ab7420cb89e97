// A Modbus instrument as people write it:
//
//   [[modbus]]
//   name = "anemometer"
//   device = "/dev/ttyUSB0"       # or host = "192.168.1.20", port = 502
//   baud = 9600
//   parity = "N"                  # N | E | O
//   unit = 1
//   interval_s = 10
//   timeout_ms = 500
//   [[modbus.register]]
//   address = 0                   # on the wire, from 0
//   table = "holding"             # holding | input
//   type = "u16"                  # u16 | s16 | u32 | s32 | f32
//   words = "big"                 # big: the first register is the high word | little
//   quantity = "wind_speed"
//   unit = "m/s"
//   scale = 0.1
//   offset = 0
//   part = ""
//   stat = "instant"              # instant | mean | max | min | sum | counter
//   missing = [65535]
//
// Includes toml++: for the configuration only. Pure; any thread.
#pragma once

#include <chrono>
#include <span>
#include <vector>

#include <tl/expected.hpp>

#include "sensors/buses/modbus.hpp"
#include "sensors/toml/table_reader.hpp"

namespace weather::sensors {

std::span<const TableKey> modbus_keys();

struct ModbusInstrument {
  ModbusOptions options;
  std::chrono::milliseconds interval{60'000};
};
// One [[modbus]] table. All errors at once.
tl::expected<ModbusInstrument, std::vector<TomlError>> modbus_from_table(const toml::table& table);

}  // namespace weather::sensors
