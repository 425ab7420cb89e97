#include "sensors/buses/modbus.hpp"

#include <cerrno>
#include <utility>

#include <modbus.h>

#include "sensors/reading/builder.hpp"

namespace weather::sensors {

class ModbusReader::Connection {
 public:
  // The error is a sentence.
  static tl::expected<std::unique_ptr<Connection>, std::string> open(const ModbusOptions& options) {
    modbus_t* context = options.host.empty()
                            ? modbus_new_rtu(options.device.c_str(), options.baud, options.parity,
                                             options.data_bits, options.stop_bits)
                            : modbus_new_tcp_pi(options.host.c_str(), std::to_string(options.port).c_str());
    const auto where =
        options.host.empty() ? options.device : options.host + ":" + std::to_string(options.port);
    if (context == nullptr) return tl::unexpected("cannot use " + where + ": " + modbus_strerror(errno));
    std::unique_ptr<Connection> out(new Connection(context));
    const auto ms = options.timeout.count();
    modbus_set_response_timeout(context, static_cast<std::uint32_t>(ms / 1000),
                                static_cast<std::uint32_t>(ms % 1000 * 1000));
    if (modbus_set_slave(context, options.unit) != 0 || modbus_connect(context) != 0)
      return tl::unexpected("cannot open " + where + ": " + modbus_strerror(errno));
    return out;
  }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  ~Connection() {
    modbus_close(context_);
    modbus_free(context_);
  }

  bool read(const Block& block, RegisterValues& values, std::string& error) {
    std::vector<std::uint16_t> words(block.count);
    const auto function =
        block.table == RegisterTable::input ? modbus_read_input_registers : modbus_read_registers;
    if (function(context_, block.address, block.count, words.data()) != block.count) {
      error = modbus_strerror(errno);
      modbus_flush(context_);
      return false;
    }
    for (std::size_t i = 0; i < words.size(); ++i)
      values[{block.table, static_cast<std::uint16_t>(block.address + i)}] = words[i];
    return true;
  }

 private:
  explicit Connection(modbus_t* context) : context_(context) {}
  modbus_t* context_;
};

ModbusReader::ModbusReader(ModbusOptions options)
    : options_(std::move(options)), blocks_(plan_blocks(options_.registers)) {}
ModbusReader::~ModbusReader() = default;

std::vector<Reading> ModbusReader::poll(const std::stop_token& stop) {
  Reading reading;
  reading.set_sensor_id("modbus:" + options_.name);
  reading.mutable_source()->set_adapter("modbus");
  reading.mutable_source()->set_address((options_.host.empty() ? options_.device : options_.host) + " unit " +
                                        std::to_string(options_.unit));
  RegisterValues values;
  std::string error;
  bool any_failed = false;
  for (const auto& block : blocks_) {
    bool done = false;
    for (int attempt = 0; attempt < options_.tries && !done; ++attempt) {
      if (stop.stop_requested()) return {};
      if (connection_ == nullptr) {
        auto opened = Connection::open(options_);
        if (!opened) {
          error = opened.error();
          break;
        }
        connection_ = std::move(*opened);
      }
      done = connection_->read(block, values, error);
      if (!done && error != modbus_strerror(EMBXILADD)) connection_.reset();  // a refusal is an answer
    }
    any_failed |= !done;
    if (connection_ == nullptr) break;  // the others would wait as long
  }
  add_registers(reading, options_.registers, values);
  if (any_failed) {
    JsonMembers errors;
    errors.add("modbus_error", std::string_view(error));
    reading.set_extra_json(errors.take());
  }
  std::vector<Reading> out;
  out.push_back(std::move(reading));
  return out;
}

}  // namespace weather::sensors
