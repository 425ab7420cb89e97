// Sensors heard by Bluetooth as readings, on a thread of its own.
//
// start(), stop() from any thread, one after the other; stop() returns when what was heard is stored, or
// refused. While the sink refuses, readings wait (../sources/waiting_readings.hpp).
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "sensors/bluetooth/receiver.hpp"
#include "sensors/bluetooth/scanner.hpp"
#include "sensors/file_position.hpp"
#include "sensors/sink.hpp"

namespace weather::sensors::bluetooth {

struct BluetoothOptions {
  std::string name;  // of the source
  ScannerOptions scanner;
  ReceiverOptions receiver;
  PositionKeeper* positions =
      nullptr;  // must outlive it; null: a start knows nothing of what was heard before
  std::function<void(bool good, const std::string&)> say = {};  // what a person may want to know
  std::function<std::int64_t()> wall_ns;
};

struct BluetoothStatus {
  bool up = false, passive = false;
  std::string reason;  // why not, in words, with what to do
  std::uint64_t scans = 0, deaf = 0;
  ReceiverCounts counts;
  std::uint64_t refused = 0;   // times that the sink refused; the readings wait
  std::uint64_t given_up = 0;  // readings that waited behind too many others
};

class BluetoothSource {
 public:
  BluetoothSource(BluetoothOptions options, Sink& sink);
  ~BluetoothSource();  // stops
  BluetoothSource(const BluetoothSource&) = delete;
  BluetoothSource& operator=(const BluetoothSource&) = delete;

  void start();
  void stop();
  BluetoothStatus status() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace weather::sensors::bluetooth
