// Keeps the table of what is known of each boot's clock: finds it in the log at the start, adds to it, and
// puts it back into the log as anchor records. Nothing waits for the time to be collected; the log is never
// rewritten. On the io thread.
#pragma once

#include <functional>
#include <memory>

#include "bridge/encode/clock_table.hpp"
#include "bridge/log/log.hpp"
#include "gateway/clock/stamp.hpp"

namespace weather::gateway {

class ClockKeeper {
 public:
  using Table = std::shared_ptr<const bridge::ClockTable>;
  // So many records at the end of the log are looked at at the start; among them is the whole table, because
  // it is written again after so many.
  static constexpr log::Sequence looked_at = 65'536, written_again_after = 16'384;

  // Reads the end of the log. log and stamper must outlive it.
  ClockKeeper(log::Log& log, Stamper& stamper, const sensors::TimeLimits& limits);

  // Called with the table as it is now, and each time it changed.
  void on_change(std::function<void(Table)> report);
  // Before the sources start and then each second. True: the clock has just become known, or was set, and
  // readings stamped before get their right time.
  bool poll();

  Table table() const { return table_; }
  // The clock is certainly wrong: it shows less than the log has seen.
  bool behind_the_log() const;

 private:
  void recall();
  void learn(const bridge::ClockAnchor& anchor);
  bool write();

  log::Log& log_;
  Stamper& stamper_;
  Table table_;
  std::function<void(Table)> report_;
  std::int64_t newest_ns_ = bridge::ClockTable::earliest_ns;  // latest time that the log knows of
  bool doubtful_ = false;         // this boot has stored readings under a clock not to be believed
  bool unwritten_ = false;        // the log did not take the last anchor
  log::Sequence written_at_ = 0;  // where the table stands in the log
};

}  // namespace weather::gateway
