// Lines of text from an instrument: over a serial device (or a USB adapter, or a pseudo-terminal) or over
// TCP, on a thread of its own. What comes by itself is taken as it comes; an instrument that has to be asked
// is asked, one command after the other, each when the one before is answered.
//
// start(), stop() from any thread, one after the other; stop() returns at once. A line that is not there
// yet, or goes away, is opened again with backoff. There are no acknowledgements; while the sink refuses, the
// line waits and is offered again.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "sensors/buses/line_port.hpp"
#include "sensors/sink.hpp"
#include "sensors/sources/reconnect.hpp"

namespace weather::sensors {

struct SerialOptions {
  std::string name;    // of the source
  std::string device;  // as LinePlace reads it; also the topic of its messages
  LineSettings line;
  Decoder decode;
  // Opened in the middle of a line, its rest would be read as one: lines are left out until one for which
  // this is true. Empty: the first one is left out, unless it answers a command.
  std::function<bool(std::string_view)> starts = {};
  // What a line is called of which no reading is made; empty: it counts as nothing.
  std::function<std::string(std::string_view)> undecoded_name = {};
  std::vector<std::string> poll = {};          // commands, with their line ends
  std::chrono::milliseconds interval{60'000};  // from the first command to the first of the next round
  std::chrono::milliseconds answer_within{2'000};
  ReconnectSchedule::Limits reconnect;
};

struct SerialStatus {
  static constexpr std::size_t most_names = 32;  // line noise must not fill the memory
  bool open = false;
  std::uint64_t lines = 0, refused = 0;
  std::uint64_t asked = 0, unanswered = 0;           // commands
  std::uint64_t silent_rounds = 0;                   // in a row: rounds of commands without an answer
  std::map<std::string, std::uint64_t> not_decoded;  // "GPGGA", how often; beyond most_names as "others"
  std::string last_error;                            // in words, with what to do; empty: none ever
};

class SerialSource {
 public:
  SerialSource(SerialOptions options, Sink& sink);  // throws std::invalid_argument of a device that is none
  ~SerialSource();                                  // stops
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
