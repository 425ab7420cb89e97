// A reading's members of a JSON object, as `tail` and `log dump` print them. Any thread.
#pragma once

#include "sensors/reading/json_text.hpp"
#include "sensors/reading/reading.pb.h"

namespace weather::gateway {

// key, time, source, topic, the value and its units; what could not be decoded has error and raw instead of a
// value.
void add_reading(sensors::JsonMembers& members, const v1::Reading& reading);

}  // namespace weather::gateway
