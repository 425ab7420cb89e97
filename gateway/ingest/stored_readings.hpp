// The readings that the log has, from one record to another: what a start must know of the time
// before. Any thread that may read the log.
#pragma once

#include <atomic>
#include <limits>

#include "bridge/log/log.hpp"
#include "sensors/reading/reading.pb.h"

namespace weather::gateway {

inline const std::atomic<bool> never{false};

// The first of the newest `records` records.
inline log::Sequence newest_from(const log::Log& log, log::Sequence records) {
  const auto appended = log.status().appended;
  return appended > records ? appended - records + 1 : 1;
}

// visit(const log::Entry&) for each up to and with `last`. What is damaged is passed
// over: it is the forwarder's to report. An error: the log could not be read, and what follows was not
// visited. Ends early once `stop` is set.
template <class Visit>
log::Result<void> for_each_stored(log::Log& log, log::Sequence from, const Visit& visit,
                                  log::Sequence last = std::numeric_limits<log::Sequence>::max(),
                                  const std::atomic<bool>& stop = never) {
  constexpr int attempts = 10;  // blocks that stay unreadable count as damage after fewer
  const auto reader = log.reader(from);
  for (int failed = 0; !stop && reader->position() <= last;) {
    const auto entries = reader->read(1024, 1U << 20);
    if (!entries) {
      if (++failed == attempts) return log::fail(entries.error());
      continue;
    }
    if (entries->empty()) break;
    for (const auto& entry : *entries) {
      if (entry.sequence > last) return {};
      visit(entry);
    }
  }
  return {};
}

// visit(Reading&, const log::Entry&) for each reading of ours.
template <class Visit>
log::Result<void> for_each_stored_reading(log::Log& log, log::Sequence from, const Visit& visit,
                                          log::Sequence last = std::numeric_limits<log::Sequence>::max(),
                                          const std::atomic<bool>& stop = never) {
  return for_each_stored(
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
