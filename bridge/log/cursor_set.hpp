// The cursors of one log: where they stand in memory, and what of it is on the card: in the cursor's file, or
// in a frame written since (positions.hpp). Only what is in the files lets records be released. Thread-safe;
// saving and carrying are for the log thread only.
#pragma once

#include <map>
#include <mutex>
#include <string>

#include "bridge/log/context.hpp"
#include "bridge/log/drop_count.hpp"
#include "bridge/log/positions.hpp"
#include "bridge/log/slot_file.hpp"
#include "bridge/log/state.hpp"

namespace weather::log {

class CursorSet {
 public:
  explicit CursorSet(Context& context) : context_(context) {}

  // Reads the files in cursors/. Names of those with no valid slot go to `reset`. Newer format: an error.
  Result<void> load(std::vector<std::string>& reset);
  // Recovery: what frames carried, where it is newer than the file.
  void restore(std::span<const Position> positions);
  // Highest sequence any cursor file proves to have been on the card.
  Sequence proven() const;

  // Creates it at `first` if it is new. The file is written by the next save.
  Result<Cursor> open(std::string_view name, Sequence first);
  // False: no such cursor.
  bool advance(std::string_view name, const Cursor& cursor);

  // Puts into a frame that is about to be written where the cursors stand whose file is behind; returns the
  // bytes used of its padding. It counts once carried() says that the frame is durable, unless it never will
  // be.
  std::size_t carry(const FrameHeader& header, std::span<std::byte> room);
  void carried();
  void not_carried();

  // Some cursor has no file yet, or moved since it was last kept on the card, in its file or a frame.
  bool dirty() const;
  std::uint64_t unsaved_records()
      const;  // how far the farthest moved since: a crash has them delivered again
  // Some cursor's file is behind.
  bool files_behind() const;
  // Writes the files that are behind. `durable` goes into the slots as proof. Which holding cursors went how
  // far since is added to `moves`.
  Result<void> save(Sequence durable, std::vector<CursorMove>& moves);

  // Lowest position of the cursors that hold records back, as saved: what is below it may be released.
  Sequence held_from() const;
  Sequence held_from_now() const;        // the same, wherever they stand now
  DropCount::Positions holding() const;  // where each of them stands, as saved
  Sequence lowest_saved() const;         // of all cursors, for forgetting drops

 private:
  struct Known {
    CursorSlot slot;
    Cursor saved;  // in the file, with its turn
    std::uint64_t saved_turn = 0;
    std::uint64_t carried_turn = 0;  // in a frame, durable or not
    Sequence carried_next = 1;
    std::uint64_t safe_turn = 0;  // on the card, in either
    Sequence safe_next = 1;
    bool on_card = false;
    bool holds = false;
    bool file_behind() const { return !on_card || slot.turn != saved_turn; }
    std::unique_ptr<SlotFile> file;
  };
  Known& make(const std::string& name);

  Context& context_;
  mutable std::mutex mutex_;
  std::map<std::string, Known, std::less<>> cursors_;
  Sequence proven_ = 0;
};

}  // namespace weather::log
