// What is kept of a reading to be shown: bounded for every sender. Pure; any thread.
#pragma once

#include <cstddef>

#include "sensors/reading/reading.pb.h"

namespace weather::gateway {

// A console with sixty fields has two thirds of it; a Sparkplug birth may have a hundred times as much.
inline constexpr std::size_t most_shown_bytes = 4096;

// Takes away what is too much, until it encodes to no more than `most_bytes`: the payload, headers, labels
// and unknown members first, then what values were before conversion, then quantities from the end, and names
// that are too long as they are. Returns how many quantities it took.
int shorten(v1::Reading& reading, std::size_t most_bytes = most_shown_bytes);

}  // namespace weather::gateway
