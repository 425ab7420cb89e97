// The log without its thread, for deterministic tests and for tools that write: everything the log thread
// would do happens inside pump(), in the calling thread. Not for the gateway.
#pragma once

#include "bridge/log/log.hpp"

namespace weather::log {

class ManualLog : public Log {
 public:
  // Does what is due by the clock: commits, cursors, reclaiming, one step at a time until nothing is left to
  // do. wait_durable, flush_cursors and close pump by themselves. One thread only.
  virtual void pump() = 0;
};

Result<std::unique_ptr<ManualLog>> open_manual(Options options, Files& files, Clock& clock);

}  // namespace weather::log
