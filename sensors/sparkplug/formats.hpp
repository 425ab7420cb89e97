// Sparkplug B as a format: "sparkplug". Pure; any thread.
#pragma once

#include <functional>
#include <memory>

#include "sensors/decoders/registry.hpp"
#include "sensors/sparkplug/host.hpp"

namespace weather::sensors {

// publish is called after a message that asks for it, on the thread that decodes.
Decoder sparkplug_decoder(std::shared_ptr<SparkplugHost> host,
                          std::function<void(const Publication&)> publish);

// For sources that cannot publish: rebirths are not requested then, so a node's aliases are unknown until it
// is born by itself.
void add_sparkplug(Registry& registry, const SparkplugOptions& options = {});

}  // namespace weather::sensors
