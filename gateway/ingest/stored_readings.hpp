// The readings that the log has, from one record to another: what a start must know of the time
// before. Any thread that may read the log.
#pragma once

#include "bridge/log/for_each.hpp"
#include "sensors/reading/reading.pb.h"

namespace weather::gateway {

// visit(Reading&, const log::Entry&) for each reading of ours.
template <class Visit>
log::Result<void> for_each_stored_reading(log::Log& log, log::Sequence from, const Visit& visit,
                                          log::Sequence last = std::numeric_limits<log::Sequence>::max(),
                                          const std::atomic<bool>& stop = log::never_stops) {
  return log::for_each_stored(
      log, from,
      [&](const log::Entry& entry) {
        v1::Reading reading;
        if (entry.type == log::Type::reading &&
            reading.ParseFromArray(entry.payload.data(), static_cast<int>(entry.payload.size())))
          visit(reading, entry);
      },
      last, stop);
}

}  // namespace weather::gateway
