// The log as a route sees it that sends fewer records than there are readings: what it does not send comes as
// an anchor, of which nothing is sent, so that every sequence has its fate. One thread at a time.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "bridge/log/clock.hpp"
#include "bridge/log/log.hpp"
#include "bridge/options/options.hpp"

namespace weather::bridge {

class ClockTable;

class ThinnedReader : public log::Reader {
 public:
  virtual void set_clock(std::shared_ptr<const ClockTable> clock) = 0;
  // Everything before has its fate. Whether a reader that begins there gives what this one gives from there
  // on: a cursor kept elsewhere would lose what a summary is made of.
  virtual bool can_begin_at(log::Sequence next) = 0;
  // read() came back empty though there is more to look at: again at once.
  virtual bool more() const = 0;
  // read() came back empty, and has something to give at this time by the wall clock if nothing else comes.
  virtual std::optional<std::int64_t> due_ns() const = 0;
};

// For a route whose thinning does something. Throws std::runtime_error if the route's match is malformed.
// log and clock must outlive it.
std::unique_ptr<ThinnedReader> thinned(const RouteOptions& route, log::Log& log, log::Clock& clock,
                                       log::Sequence from);

}  // namespace weather::bridge
