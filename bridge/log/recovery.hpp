// What open() does before the first append: find out what the folder holds, whatever state it is in. It reads
// the last segment and nothing else of the backlog, gives the same answer if it is interrupted and run again,
// and never removes a record. Log thread (or open's caller) only.
#pragma once

#include <optional>

#include "bridge/log/committer.hpp"
#include "bridge/log/segment_store.hpp"
#include "bridge/log/tail.hpp"

namespace weather::log {

class Recoverer {
 public:
  Recoverer(Context& context, Catalog& catalog, CursorSet& cursors, SegmentStore& store,
            Committer& committer);

  // Step 1, before anything else is used: the log's id, from LOG or whatever else still carries it.
  static Result<void> identify(Context& context, Recovery& report);
  // Step 2. newer, or an error of the file layer that makes writing impossible.
  Result<void> run(Recovery& report);

 private:
  Result<void> load_state();
  Result<void> list_segments();
  Result<void> resume_clean();
  Result<void> scan_last(Recovery& report);
  Result<bool> scan(const SegmentPtr& segment, Recovery& report);
  void set_aside(const SegmentPtr& segment, bool header_good, Recovery& report);
  void rescue_unsynced(const SegmentPtr& segment, const Tail& tail);

  Context& context_;
  Catalog& catalog_;
  CursorSet& cursors_;
  SegmentStore& store_;
  Committer& committer_;
  Sequence proven_ = 0;
  bool state_rebuilt_ = false;
};

}  // namespace weather::log
