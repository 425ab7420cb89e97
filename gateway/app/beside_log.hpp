// The rule for what is kept beside the log and counts what the log holds: it is written once the log's
// records up to there are durable. Else a power cut takes records of which the file knows, others get their
// numbers, and a start passes those over.
#pragma once

#include <chrono>
#include <string>

#include "bridge/log/log.hpp"

namespace weather::gateway {

// Waits for it; any thread that may block. Empty: they are durable; else why they are not.
inline std::string why_not_durable(log::Log& log, log::Sequence last) {
  const auto durable = log.wait_durable({last, 0}, std::chrono::seconds(5));
  return durable ? ""
                 : "the log's records up to " + std::to_string(last) +
                       " are not durable: " + durable.error().message();
}

}  // namespace weather::gateway
