// LoRaWAN networks as formats: "chirpstack", "things-stack". Pure; any thread.
#pragma once

#include "sensors/decoders/registry.hpp"
#include "sensors/lorawan/uplink.hpp"

namespace weather::sensors {

void add_lorawan(Registry& registry, const LorawanOptions& options = {});

Decoder chirpstack_decoder(LorawanOptions options = {});
Decoder things_stack_decoder(LorawanOptions options = {});

}  // namespace weather::sensors
