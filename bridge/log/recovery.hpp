// What open() does before the first append: find out what the folder holds, whatever state it is in. It reads
// the last segment and nothing else of the backlog, gives the same answer if it is interrupted and run again,
// and never removes a record. Log thread (or open's caller) only.
#pragma once

#include <optional>

#include "bridge/log/batch.hpp"
#include "bridge/log/segment_store.hpp"
#include "bridge/log/tail.hpp"

namespace weather::log {

// What was found, beside the catalog and the cursors.
struct RecoveredState {
  State state;
  std::optional<Active> active;  // closed in order: go on here
  Batch rescued;                 // frames that could be read and not synced: to be written again
  Recovery report;
};

class Recoverer {
 public:
  Recoverer(Context& context, Catalog& catalog, CursorSet& cursors, SegmentStore& store);

  // Step 1, before anything else is used: the log's id, from LOG or whatever else still carries it. True: the
  // folder is gone with the power.
  static Result<bool> identify(Context& context);
  // Step 2, once. newer, or an error of the file layer that makes writing impossible.
  Result<RecoveredState> run();

 private:
  Result<void> load_state();
  Result<void> list_segments();
  Result<void> resume_clean();
  Result<void> scan_last();
  Result<bool> scan(const SegmentPtr& segment);
  void set_aside(const SegmentPtr& segment, bool header_good);
  void rescue_unsynced(const SegmentPtr& segment, const Tail& tail);

  Context& context_;
  Catalog& catalog_;
  CursorSet& cursors_;
  SegmentStore& store_;
  RecoveredState found_;
  Sequence proven_ = 0;
  bool state_rebuilt_ = false;
};

}  // namespace weather::log
