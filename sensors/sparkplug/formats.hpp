// Sparkplug B as a format: "sparkplug". Pure; any thread.
#pragma once

#include <memory>

#include "sensors/decoders/registry.hpp"
#include "sensors/sparkplug/host.hpp"

namespace weather::sensors {

// The host stays with the caller, who publishes host->take_publications() after each message, on the same
// thread.
Decoder sparkplug_decoder(std::shared_ptr<SparkplugHost> host);

// For sources that cannot publish: rebirths are not requested then, so a node's aliases are unknown until it
// is born by itself.
void add_sparkplug(Registry& registry);

}  // namespace weather::sensors
