// The options of a Sparkplug host application: plain data.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "sensors/mapping/rules.hpp"

namespace weather::sensors {

class MemoryBudget;

struct SparkplugOptions {
  // Paths over metric names ("/Outdoor/{part}/T"); tried before the common names.
  std::vector<FieldRule> fields;
  std::int64_t rebirth_retry_ns = 60'000'000'000;  // a request that was not answered is repeated after this
  std::size_t max_nodes = 1024, max_devices = 1024, max_metrics = 8192;  // per gateway, node, device
  MemoryBudget* memory = nullptr;  // for what births define; none: unlimited
  // The primary host's id: edge nodes that wait for it keep their data while STATE says it is away. Empty: no
  // STATE is published.
  std::string host_id = {};
};

}  // namespace weather::sensors
