// Another way to a broker than a connection to its addresses: through a proxy.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

namespace weather::sensors {

// Both from any thread.
struct Dialer {
  // A stream socket of the caller's that leads there, or will; -1: none can be made.
  std::function<int(const std::string& host, std::uint16_t port)> open;
  // Why the latest does not lead there; empty: it does.
  std::function<std::string()> trouble;
};

}  // namespace weather::sensors
