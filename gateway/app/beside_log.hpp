// The rule for what is kept beside the log and counts what the log holds: it is written once the log's
// records up to there are durable. Else a power cut takes records of which the file knows, others get their
// numbers, and a start passes those over.
#pragma once

#include <chrono>
#include <filesystem>
#include <string>

#include "bridge/log/log.hpp"

namespace weather::gateway {

// Writes once they are; any thread that may block. What `write` says, or why it was not called.
template <class Write>
std::string write_once_durable(log::Log& log, log::Sequence last, const std::filesystem::path& what,
                               const Write& write) {
  const auto durable = log.wait_durable({last, 0}, std::chrono::seconds(5));
  if (durable) return write();
  return what.string() + " is not written: the log's records up to " + std::to_string(last) +
         " are not durable: " + durable.error().message();
}

}  // namespace weather::gateway
