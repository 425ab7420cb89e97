// Compares a topic's settings with what is about to be sent: Kafka deletes or refuses old records by rules
// that a producer never sees. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "bridge/core/time_guard.hpp"
#include "bridge/options/options.hpp"

namespace weather::bridge {

TimeLimits time_limits(const Properties& settings);  // as DescribeConfigs gives them

struct BacklogFacts {
  std::int64_t oldest_age_ms = 0;              // of a record waiting, by its own time
  std::size_t largest_record_bytes = 0;        // seen so far, 0: none yet
  std::int64_t message_max_bytes = 1'000'000;  // of this producer
};

// settings: as DescribeConfigs gives them ("retention.ms" -> "604800000"). One sentence for each conflict.
std::vector<std::string> judge_topic(const std::string& topic, const Properties& settings,
                                     const BacklogFacts& facts, const BacklogOptions& backlog = {});

}  // namespace weather::bridge
