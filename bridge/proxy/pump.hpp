// Carries bytes both ways between a local socket and a stream, until one of them ends. One thread.
#pragma once

#include <string>

#include "bridge/proxy/stream.hpp"

namespace weather::proxy {

// `first` goes to the local side before anything else. What the other side said before its end is handed on;
// so is what the local side wrote before it went, for as long as that takes, at most 1.5 s. `stop` ends one
// whose local side is still there.
void pump(Stream& stream, int local, int stop, std::string first);

}  // namespace weather::proxy
