// What became of the messages of one source. Plain data.
#pragma once

#include <cstdint>
#include <map>
#include <string>

namespace weather::gateway {

// Since start.
struct SourceCounters {
  std::uint64_t messages = 0;                           // came in, whatever became of them
  std::uint64_t readings = 0;                           // stored, undecodable ones included
  std::uint64_t duplicates = 0;                         // redeliveries of what was stored, dropped
  std::uint64_t passed_over = 0;                        // known to carry no reading, an empty payload too
  std::uint64_t ignored = 0;                            // readings of sensors that are not wanted
  std::uint64_t foreign = 0;                            // refused: the sensor is not the user's
  std::uint64_t dropped_full = 0;                       // on_full = drop_newest
  std::map<std::string, std::uint64_t> undecodable;     // by reason; stored raw
  std::map<std::string, std::uint64_t> refused;         // by error of the log; not acknowledged, comes again
  std::map<std::string, std::uint64_t> replaced_times;  // sensors' own times: "future", "past"
  std::int64_t last_ns = 0;                             // wall clock of the last message
};

}  // namespace weather::gateway
