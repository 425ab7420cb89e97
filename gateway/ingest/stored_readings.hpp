// The readings that the log has, from one record to its end: what whoever starts must know of the time
// before. Any thread that may read the log.
#pragma once

#include "bridge/log/log.hpp"
#include "sensors/reading/reading.pb.h"

namespace weather::gateway {

// visit(Reading&, const log::Entry&) for each. Ends at damage, which is the forwarder's to report.
template <class Visit>
void for_each_stored_reading(log::Log& log, log::Sequence from, const Visit& visit) {
  const auto reader = log.reader(from);
  for (;;) {
    const auto entries = reader->read(1024, 1U << 20);
    if (!entries || entries->empty()) return;
    for (const auto& entry : *entries) {
      v1::Reading reading;
      if (entry.type == log::Type::reading &&
          reading.ParseFromArray(entry.payload.data(), static_cast<int>(entry.payload.size())))
        visit(reading, entry);
    }
  }
}

}  // namespace weather::gateway
