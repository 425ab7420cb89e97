// The simulator on a timer of the io thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "sensors/sink.hpp"
#include "sensors/sources/simulator.hpp"

namespace boost::asio {
class io_context;
}

namespace weather::sensors {

struct SimulatorSourceOptions {
  std::string name = "simulator";
  SimulatorOptions simulator;
  std::chrono::milliseconds interval{1'000};  // between two messages of one station
};

struct SimulatorStatus {
  std::uint64_t messages = 0;  // accepted by the sink
  std::uint64_t refused = 0;   // the sink refused them: simulated weather is not worth waiting for
  std::string last_error;
};

// All functions on the io thread.
class SimulatorSource {
 public:
  // now: the gateway's wall clock, unix ns. io and sink must outlive the source.
  SimulatorSource(boost::asio::io_context& io, SimulatorSourceOptions options, Sink& sink,
                  std::function<std::int64_t()> now);
  ~SimulatorSource();  // stops
  void start();
  void stop();
  const SimulatorStatus& status() const;

 private:
  class Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace weather::sensors
