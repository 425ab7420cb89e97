// Where the files of a folder stood, for after a start and for who follows one of them under another name.
// Pure; one thread at a time.
//
// A power cut takes what was written to a file last, and the newest place in it. What the log tells of its
// newest records may begin behind the place before, so that is kept too: of each file those of the last half
// minute, and the newest that is older.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "sensors/file_position.hpp"
#include "sensors/sources/glob_look.hpp"

namespace weather::sensors {

class GlobPlaces {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  // known: oldest first. A start is given given_lines lines whatever else it is given.
  GlobPlaces(std::vector<FilePosition> known, std::uint64_t given_lines)
      : known_(std::move(known)), given_lines_(given_lines) {}

  bool empty() const { return known_.empty(); }
  // What was given, also of files that are gone: one may be there compressed, or as a copy. Until its file
  // was visited it does not grow old.
  void take_over();
  void visited(std::uint64_t inode, TimePoint now);     // all of it that is known is there, or was read again
  void read(const FilePosition& after, TimePoint now);  // a line
  void learn(std::span<const FilePosition> positions);
  // Once all files that have something to read were visited.
  void forget_old(const GlobLook& look, TimePoint now);
  // Of each file the newest, and of those without a follower the newest files.
  void compact(const GlobLook& look);

  const FilePosition* newest_in(std::uint64_t inode) const;  // null: it was not read
  // What one has to know who reads the files of this name: also of the others a little, since a file may have
  // been copied before it got another name.
  std::vector<FilePosition> given_to(const std::string& name, const GlobLook& look) const;
  // Everything that is known, and what came since; oldest first.
  std::vector<FilePosition> with(std::span<const FilePosition> newer) const;

  static constexpr std::size_t most_gone = 128;    // files without a follower
  static constexpr std::size_t most_others = 256;  // places in the other files that one is given
  static constexpr std::size_t most_recent = 64;   // of a file
  // Linux keeps what is to be written no longer.
  static constexpr std::chrono::seconds written_back{30};

 private:
  struct Place {
    TimePoint at{};
    std::uint64_t line = 0;
    FilePosition position;
    bool given = false;
  };
  void remember(const Place& place);

  std::vector<FilePosition> known_;
  std::unordered_map<std::uint64_t, std::vector<Place>> recent_;  // by inode, oldest first
  const std::uint64_t given_lines_;
  std::uint64_t lines_ = 0;
  std::optional<TimePoint> began_;
};

}  // namespace weather::sensors
