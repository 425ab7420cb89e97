// What a link deserves: librdkafka settings for a local network, a mobile link and a metered one. Pure.
#pragma once

#include "bridge/options/options.hpp"

namespace weather::bridge {

// Names may be newer than the library at hand: set only those it knows.
const Properties& profile_properties(Profile profile);

}  // namespace weather::bridge
