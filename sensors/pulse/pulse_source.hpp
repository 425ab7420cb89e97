// Pulses of one line as readings, on a thread of its own: the kernel stamps and keeps the edges, so that
// nothing is missed while this thread does something else.
//
// The count of rain and of count goes on from life to life: each reading carries it into the log as a
// position (Reading.arrival.file, its offset; ../file_position.hpp), in the very record that says it. What
// the log had not taken when the power went is lost, and not counted anywhere. So are edges while the gateway
// does not run.
//
// start(), stop() from any thread, one after the other; stop() returns when what was given out is stored, or
// refused. A line that is not there, or has another owner, is tried again with backoff. While the sink
// refuses, readings wait (../sources/waiting_readings.hpp); the count is not harmed by one that is dropped.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "sensors/file_position.hpp"
#include "sensors/pulse/pulse_line.hpp"
#include "sensors/pulse/pulse_machine.hpp"
#include "sensors/pulse/pulse_reading.hpp"
#include "sensors/pulse/vane.hpp"
#include "sensors/reading/direction.hpp"
#include "sensors/sink.hpp"
#include "sensors/sources/reconnect.hpp"

namespace weather::sensors {

struct PulseOptions {
  struct Vane {
    std::function<tl::expected<double, std::string>()> millivolts;  // may block a little
    VaneTable table;
  };

  std::string name;  // of the source, and the id of its sensor
  PulseRules rules;
  PulseScale scale;
  std::optional<Vane> vane = {};        // asked once a second
  PositionKeeper* positions = nullptr;  // must outlive it; null: each start counts from 0
  ReconnectSchedule::Limits reconnect = {};
  std::function<void(const std::string&)> say = {};  // what a person may want to know
  std::function<std::int64_t()> wall_ns;
};

struct PulseStatus {
  bool open = false;
  std::string line;         // what is read
  std::uint64_t total = 0;  // of all lives
  std::uint64_t bounced = 0, dropped = 0;
  std::uint64_t refused = 0;   // times that the sink refused; the readings wait
  std::uint64_t given_up = 0;  // readings that waited behind too many others
  std::string last_error;      // in words, with what to do; empty: none ever
};

class PulseSource {
 public:
  PulseSource(PulseOptions options, std::unique_ptr<PulseLine> line, Sink& sink);
  ~PulseSource();  // stops
  PulseSource(const PulseSource&) = delete;
  PulseSource& operator=(const PulseSource&) = delete;

  void start();
  void stop();
  PulseStatus status() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace weather::sensors
