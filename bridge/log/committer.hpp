// Writes batches into the active segment and makes them durable. A segment that failed once is never written
// again: the same records go into a new one. Log thread only.
#pragma once

#include <functional>
#include <optional>
#include <system_error>

#include "bridge/log/batch.hpp"
#include "bridge/log/segment_store.hpp"

namespace weather::log {

class Committer {
 public:
  struct Counters {
    std::uint64_t commits = 0, written_bytes = 0, payload_bytes = 0, sync_errors = 0;
  };

  Committer(Context& context, Catalog& catalog, CursorSet& cursors, SegmentStore& store);

  // Goes on in a segment that was closed in order, or begins with frames recovery read but could not sync.
  void resume(Active active) { active_ = std::move(active); }
  void rescue(Batch batch) { rescue_ = std::move(batch); }
  Sequence rescued() const { return rescue_.last(); }  // 0: nothing is waiting to be written again

  // Writes the rest of the batch; batch.written tells how far it came. With sync it is durable afterwards.
  Result<void> write(Batch& batch, bool sync);
  // Makes written frames durable (durability "interval").
  Result<void> sync();
  // One step of writing zeros ahead of the frames in a file that is used for the first time: commits into
  // written blocks need no file-system journal. False: not needed now.
  bool extend();
  bool wants_to_extend() const;
  bool unsynced() const { return active_ && active_->offset > active_->segment->readable; }

  Sequence written() const { return written_; }  // last sequence in a segment, durable or not
  const std::optional<Active>& active() const { return active_; }
  const Counters& counters() const { return counters_; }
  void on_sync_time(std::function<void(std::chrono::nanoseconds)> f) { on_sync_time_ = std::move(f); }

 private:
  Result<void> put(Batch& batch, bool sync);
  Result<std::uint64_t> put_frames(Batch& batch);
  void carry_positions(FrameHeader& header, std::span<std::byte> frame);
  Result<void> sync_active();
  void poison(const Error& error);
  void keep_unsynced();

  Context& context_;
  Catalog& catalog_;
  CursorSet& cursors_;
  SegmentStore& store_;
  std::optional<Active> active_;
  Batch rescue_;  // frames of a failed segment that still have to reach another one
  Sequence written_ = 0;
  Counters counters_;
  std::function<void(std::chrono::nanoseconds)> on_sync_time_;
};

}  // namespace weather::log
