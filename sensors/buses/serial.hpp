// NMEA 0183 from a serial line (or a USB adapter, or a pseudo-terminal), on a thread of its own.
//
// start(), stop() from any thread, one after the other; stop() returns at once. A device that is not there
// yet, or goes away, is opened again with backoff. Nobody is acknowledged on a serial line; while the sink
// refuses, the line waits and is offered again.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "sensors/buses/nmea.hpp"
#include "sensors/sink.hpp"
#include "sensors/sources/reconnect.hpp"

namespace weather::sensors {

struct SerialOptions {
  std::string name;    // of the source; empty: "nmea:DEVICE"
  std::string device;  // "/dev/serial/by-id/..." keeps its name when others are plugged in
  unsigned baud = 4800;
  NmeaOptions nmea;
  ReconnectSchedule::Limits reconnect;
};

struct SerialStatus {
  static constexpr std::size_t most_names = 32;  // line noise must not fill the memory
  bool open = false;
  std::uint64_t lines = 0, refused = 0;
  std::map<std::string, std::uint64_t> not_decoded;  // "GPGGA", how often; beyond most_names as "others"
  std::string last_error;                            // in words, with what to do; empty: none ever
};

class SerialSource {
 public:
  SerialSource(SerialOptions options, Sink& sink);
  ~SerialSource();  // stops
  SerialSource(const SerialSource&) = delete;
  SerialSource& operator=(const SerialSource&) = delete;

  void start();
  void stop();
  SerialStatus status() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace weather::sensors
