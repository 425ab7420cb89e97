// A Modbus instrument over RS-485 (RTU) or TCP, by libmodbus. Blocks at most `timeout` per request: a
// poller's job, never the io thread's.
#pragma once

#include <chrono>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include "sensors/buses/registers.hpp"
#include "sensors/sink.hpp"

namespace weather::sensors {

struct ModbusOptions {
  std::string name;    // "anemometer": the id is "modbus:<name>"
  std::string device;  // RTU: "/dev/ttyUSB0"
  int baud = 9600;
  char parity = 'N';  // N, E, O
  int data_bits = 8, stop_bits = 1;
  std::string host;  // TCP, instead of `device`
  int port = 502;
  int unit = 1;  // 1..247
  std::chrono::milliseconds timeout{500};
  int tries = 2;  // per request
  std::vector<Register> registers;
};

// Keeps the connection between polls and makes a new one after an error. One thread at a time.
class ModbusReader {
 public:
  explicit ModbusReader(ModbusOptions options);
  ~ModbusReader();
  ModbusReader(const ModbusReader&) = delete;
  ModbusReader& operator=(const ModbusReader&) = delete;

  // One reading. Registers that did not come are explicit nulls, QUALITY_MISSING, with the error in
  // extra_json.
  std::vector<Reading> poll(const std::stop_token& stop = {});

 private:
  class Connection;
  ModbusOptions options_;
  std::vector<Block> blocks_;
  std::unique_ptr<Connection> connection_;
};

}  // namespace weather::sensors
