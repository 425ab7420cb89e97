// Whom a listener turned away or ended so that others get in, for a MinuteWatch.
#pragma once

#include <string>

#include "sensors/listener/options.hpp"

namespace weather::gateway {

// One line about what happened between the two, by kind; empty if nothing did. Pure.
std::string crowd_line(const sensors::listener::ListenerStatus& before,
                       const sensors::listener::ListenerStatus& now);

}  // namespace weather::gateway
