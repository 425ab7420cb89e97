// The log's readings as people see them: ours, and those of gateways that relay to this one.
#pragma once

#include "gateway/ingest/relay_intake.hpp"
#include "gateway/ingest/stored_readings.hpp"

namespace weather::gateway {

// visit(Reading&, log::Sequence) for each; any thread that may read the log.
template <class Visit>
log::Result<void> for_each_shown_reading(log::Log& log, log::Sequence from, const Visit& visit) {
  return log::for_each_stored(log, from, [&](const log::Entry& entry) {
    v1::Reading reading;
    if (entry.type == log::Type::imported) {
      const auto origin = log::decode_origin(entry.payload);
      if (origin && shown_of_relayed(*origin, reading)) visit(reading, entry.sequence);
    } else if (entry.type == log::Type::reading &&
               reading.ParseFromArray(entry.payload.data(), static_cast<int>(entry.payload.size()))) {
      visit(reading, entry.sequence);
    }
  });
}

}  // namespace weather::gateway
