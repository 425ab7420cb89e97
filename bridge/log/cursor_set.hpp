// The cursors of one log: where they stand in memory, and what of it is on the card. Thread-safe; saving is
// for the log thread only.
#pragma once

#include <map>
#include <mutex>
#include <string>

#include "bridge/log/context.hpp"
#include "bridge/log/drop_count.hpp"
#include "bridge/log/slot_file.hpp"
#include "bridge/log/state.hpp"

namespace weather::log {

class CursorSet {
 public:
  explicit CursorSet(Context& context) : context_(context) {}

  // Reads the files in cursors/. Names of those with no valid slot go to `reset`. Newer format: an error.
  Result<void> load(std::vector<std::string>& reset);
  // Highest sequence any cursor file proves to have been on the card.
  Sequence proven() const;

  // Creates it at `first` if it is new. The file is written by the next save.
  Result<Cursor> open(std::string_view name, Sequence first);
  // False: no such cursor.
  bool advance(std::string_view name, const Cursor& cursor);

  bool dirty() const;
  std::uint64_t unsaved_records() const;
  // Writes what changed. `durable` goes into the slots as proof. Which holding cursors went how far since is
  // added to `moves`.
  Result<void> save(Sequence durable, std::vector<CursorMove>& moves);

  // Lowest position of the cursors that hold records back, as saved: what is below it may be released.
  Sequence held_from() const;
  DropCount::Positions holding() const;  // where each of them stands, as saved
  Sequence lowest_saved() const;         // of all cursors, for forgetting drops

 private:
  struct Known {
    CursorSlot slot;
    Cursor saved;
    bool on_card = false;
    bool holds = false;
    std::unique_ptr<SlotFile> file;
  };
  Known& make(const std::string& name);

  Context& context_;
  mutable std::mutex mutex_;
  std::map<std::string, Known, std::less<>> cursors_;
  Sequence proven_ = 0;
};

}  // namespace weather::log
