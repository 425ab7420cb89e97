// One look at Kafka as the forwarder would go there, for `check` and `init`. Blocks the calling thread.
#pragma once

#include <chrono>
#include <string>

#include "bridge/kafka/inspect.hpp"
#include "bridge/options/options.hpp"

namespace weather::gateway {

bridge::Inspection look_at_kafka(const bridge::ForwarderOptions& forwarder,
                                 const bridge::Properties& properties, const std::string& topic,
                                 std::chrono::milliseconds timeout);

}  // namespace weather::gateway
