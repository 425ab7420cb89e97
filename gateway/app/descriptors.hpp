// File descriptors: what sensors' connections may take of them, so that the log can always open a segment,
// the control socket a command and the Kafka client a broker.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "gateway/config/config.hpp"

namespace weather::gateway {

// Raises what this process may open to what its user may raise it to. Once, at the start.
void raise_descriptor_limit();
std::uint64_t descriptor_limit();

struct ConnectionPlaces {
  std::size_t connections = 0, connecting = 0;  // with an accepted CONNECT, and without
};

// For each [[listener]]: what it asks for, or its part of what is left. Pure.
std::vector<ConnectionPlaces> share_descriptors(const Config& config, std::uint64_t limit);

}  // namespace weather::gateway
