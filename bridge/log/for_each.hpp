// A look at what the log has, from one record to another, without a consumer's position. Any thread that may
// read the log.
#pragma once

#include <atomic>
#include <limits>

#include "bridge/log/log.hpp"

namespace weather::log {

// How much a pass over many records reads at once.
inline constexpr std::size_t read_at_once_records = 1024, read_at_once_bytes = 256U << 10U;

inline const std::atomic<bool> never_stops{false};

// The first of the newest `records` records.
inline Sequence newest_from(const Log& log, Sequence records) {
  const auto appended = log.status().appended;
  return appended > records ? appended - records + 1 : 1;
}

// visit(const Entry&) for each up to and with `last`. What is damaged is passed over: it is the forwarder's
// to report. An error: the log could not be read, and what follows was not visited. Ends early once `stop` is
// set.
template <class Visit>
Result<void> for_each_stored(Log& log, Sequence from, const Visit& visit,
                             Sequence last = std::numeric_limits<Sequence>::max(),
                             const std::atomic<bool>& stop = never_stops) {
  constexpr int attempts = 10;  // blocks that stay unreadable count as damage after fewer
  const auto reader = log.reader(from);
  for (int failed = 0; !stop && reader->position() <= last;) {
    const auto entries = reader->read(read_at_once_records, read_at_once_bytes);
    if (!entries) {
      if (++failed == attempts) return fail(entries.error());
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

}  // namespace weather::log
