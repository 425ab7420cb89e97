// The line that pulses come from, as the source sees it: a real one (gpio_line.hpp), or a test's. One thread.
#pragma once

#include <string>
#include <vector>

#include <tl/expected.hpp>

#include "sensors/pulse/edge_filter.hpp"

namespace weather::sensors {

class PulseLine {
 public:
  struct Opened {
    std::string what;  // "line 6 (GPIO6) of /dev/gpiochip0"
    EdgeFilter filter;
    std::string note;  // what is not as it was asked for; empty: nothing
  };

  virtual ~PulseLine() = default;
  // The error says what happened, to what, and what to do. It may be mended later: try again.
  virtual tl::expected<Opened, std::string> open() = 0;
  virtual int descriptor() const = 0;  // readable while edges wait; -1: closed
  // All edges that wait, without waiting for more. An error closes the line.
  virtual tl::expected<std::vector<LineEdge>, std::string> read() = 0;
  virtual void close() = 0;
};

}  // namespace weather::sensors
