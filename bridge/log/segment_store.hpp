// The files of the log: makes segments, releases them when every cursor passed, drops them when the log is
// full, and keeps STATE true before anything is reused. Log thread only.
#pragma once

#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <random>
#include <utility>

#include "bridge/log/catalog.hpp"
#include "bridge/log/context.hpp"
#include "bridge/log/cursor_set.hpp"
#include "bridge/log/drop_count.hpp"
#include "bridge/log/pool.hpp"
#include "bridge/log/slot_file.hpp"
#include "bridge/log/state.hpp"

namespace weather::log {

inline constexpr Sequence keep_nothing = std::numeric_limits<Sequence>::max();

// The segment being written.
struct Active {
  SegmentPtr segment;
  std::unique_ptr<File> file;
  std::uint32_t salt = 0;
  std::uint64_t offset = block_bytes;  // where the next frame goes
  std::uint32_t last_crc = 0;          // header checksum of the last frame, 0 if none
  std::uint64_t extent = block_bytes;  // the file has been written up to here, data or zeros
};

class SegmentStore {
 public:
  SegmentStore(Context& context, Catalog& catalog, CursorSet& cursors);

  // At start: what STATE says; nothing: there is none, or none that can be read. newer, or an error of the
  // file layer.
  Result<std::optional<State>> load_state();
  void begin(State state) { state_ = std::move(state); }

  State& state() { return state_; }
  const State& state() const { return state_; }
  Pool& pool() { return pool_; }
  std::uint32_t random() { return static_cast<std::uint32_t>(random_()); }

  Result<void> save_state();
  // True if STATE on the card proves everything up to this sequence.
  bool state_proves(Sequence durable) const { return saved_durable_ >= durable; }

  // See keep.hpp; called before STATE says so.
  void before_leaving(std::function<void(Sequence)> callback) { before_leaving_ = std::move(callback); }

  // A new segment whose first record will be `base`. full: the limit is reached and the policy says wait.
  Result<Active> activate(Sequence base);
  // Whether activate would find room without dropping anything.
  bool can_activate();
  // Bytes the active segment still takes, also when others have filled the disk.
  std::uint64_t room_in(const Active& active);
  // Gives back what every holding cursor has passed (as saved), except what is kept for replay and what is
  // not wholly before `keep`.
  Result<void> release(Sequence keep = keep_nothing);
  // Saves the cursors and corrects what was counted as dropped by what they passed as delivered.
  Result<void> save_cursors();
  bool can_release(Sequence keep = keep_nothing) const;
  // Whether saving the cursors as they stand now would let a segment go.
  bool could_release(Sequence keep) const;
  // Takes a segment without durable records out again; its file is kept out of use if its blocks are in
  // doubt.
  void discard(const SegmentPtr& segment, bool blocks_in_doubt);
  // Puts a dense rewrite in the place of a segment. The new file is complete, synced and still has a .tmp
  // name.
  Result<void> replace_dense(const SegmentPtr& old, const std::filesystem::path& fresh, std::uint64_t bytes);

  // One step of giving room to the log that goes before this one (Options::yields_to). False: nothing to do.
  bool yield_step();
  bool can_yield() const { return !pool_.empty() || catalog_.size() > 2; }  // its newest two segments stay

  // One step of preparing the next segment's file. False: nothing to do.
  bool prepare_step();
  bool wants_to_prepare() const { return may_prepare_ && !pool_.ready(); }
  std::uint64_t bytes() const { return catalog_.bytes() + pool_.bytes(); }
  std::uint64_t new_number() { return state_.next_segment++; }

 private:
  Result<void> make_room();
  Result<Active> make_segment(Sequence base);
  Result<void> drop_front();
  Result<Loss> measure(const Catalog::Place& place, Sequence from);
  Result<void> move_first(Sequence first, std::uint64_t first_segment);
  bool first_releasable(std::uint64_t kept_bytes, Sequence held) const;
  void retire_file(const SegmentPtr& segment);
  void quarantine(const std::filesystem::path& path);
  bool space_for_new_file();

  Context& context_;
  Catalog& catalog_;
  CursorSet& cursors_;
  Pool pool_;
  SlotFile state_file_;
  State state_;
  DropCount drop_count_;
  Sequence saved_durable_ = 0;
  std::mt19937 random_;
  bool may_prepare_ = true;
  std::function<void(Sequence)> before_leaving_;
};

}  // namespace weather::log
