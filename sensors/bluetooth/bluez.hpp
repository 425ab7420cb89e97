// bluetoothd over D-Bus (org.bluez): asks what the scanner wants, and tells what the bus says. On one thread;
// nothing of it blocks but connecting, which is to a local socket.
//
// Match rules say what the bus lets through: of the devices that count, their own signals; where all count,
// those of the chosen adapter. Signals of other devices do not reach the process.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "sensors/bluetooth/advertisement.hpp"
#include "sensors/bluetooth/families.hpp"
#include "sensors/bluetooth/scanner.hpp"

namespace weather::sensors::bluetooth {

// Called by process(), on its thread.
class BluezEvents {
 public:
  virtual ~BluezEvents() = default;
  virtual void answered(Ask ask, const std::optional<BusError>& error) = 0;
  virtual void found(const std::vector<Adapter>& adapters) = 0;
  virtual void hung_up(const BusError& error) = 0;
  virtual void bluetoothd(bool there) = 0;
  virtual void changed(const Adapter& adapter) = 0;
  virtual void gone(const std::string& path) = 0;
  virtual void activated(bool is) = 0;
  virtual void named(Address address, const std::string& name) = 0;
  virtual void advertised(const Advertisement& heard) = 0;
  // A signal about the device without new data: only its strength.
  virtual void heard_again(Address address, std::int16_t rssi_dbm) = 0;
};

struct BluezOptions {
  std::string adapter;        // as configured
  std::set<Address> devices;  // whose signals are wanted
  bool all = false;           // ... or everybody's
  std::vector<Pattern> patterns;
  std::function<bool(Under, std::uint16_t)> reads;  // of which data the bytes are wanted
};

class Bluez {
 public:
  Bluez(BluezOptions options, BluezEvents& events);
  ~Bluez();
  Bluez(const Bluez&) = delete;
  Bluez& operator=(const Bluez&) = delete;

  // Its answer comes by answered(), of `connect` before ask() returns.
  void ask(Ask ask, const std::string& adapter_path);
  // Everything that has come. False: there was nothing.
  bool process();
  // For poll(); -1: not connected.
  int descriptor() const;
  short events() const;
  std::optional<std::uint64_t> timeout_us() const;  // of the monotonic clock
  void hang_up();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace weather::sensors::bluetooth
