// What run, check, send and the like begin with: configuration and Kafka settings, faults on stderr.
#pragma once

#include <string>

#include <tl/expected.hpp>

#include "bridge/options/options.hpp"
#include "gateway/config/config.hpp"
#include "gateway/config/files.hpp"

namespace weather::gateway {

struct Setup {
  Config config;
  bridge::ForwarderOptions forwarder;
};

// received: as of read_config().
tl::expected<Setup, ConfigFailure> load_setup(const std::string& config_file,
                                              const downlink::DropIns* received = nullptr);
// The error is the exit code; every fault has been printed, one line each.
tl::expected<Setup, int> read_setup(const std::string& config_file);

}  // namespace weather::gateway
