// How far a file that grows has been read. Each reading carries the position behind its line into the log
// (Reading.arrival.file), in the very record: what is durable of the one is durable of the other.
//
// The log tells of its newest records. The keeper holds, outside the log, where each file stood at an older
// record, so that neither a long log nor one whose old records are gone makes a start slow or wrong.
//
// A line whose pulses are counted (sensors/pulse) is kept in the same way: one position, whose offset is the
// count and whose other members are zero.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <span>
#include <string_view>
#include <vector>

#include "sensors/ticket.hpp"

namespace weather::sensors {

// Device and inode name a file only until it is copied, or the disk gets another number: what counts is that
// the bytes before the offset are those that were read.
struct FilePosition {
  std::uint64_t device = 0, inode = 0;
  std::uint64_t offset = 0;  // all lines before it were read
  std::uint32_t head = 0;    // hash of the first bytes, at most file_head_bytes, none beyond the offset
  std::uint32_t tail = 0;    // hash of the last bytes before the offset, at most file_tail_bytes
  friend bool operator==(const FilePosition&, const FilePosition&) = default;
};
inline constexpr std::size_t file_head_bytes = 1024, file_tail_bytes = 512;

// Thread-safe; blocks on the disk.
class PositionKeeper {
 public:
  virtual ~PositionKeeper() = default;
  // Where the source's files stood, oldest first: all that the newest records say, and what was known before.
  // Ends early, with anything, once `stop` is set.
  virtual std::vector<FilePosition> known(std::string_view source, const std::atomic<bool>& stop) = 0;
  // The source stands here with all it stored up to `last`, and stores nothing during the call. Kept now and
  // then, or at once if it is `leaving`.
  virtual void stands(std::string_view source, std::span<const FilePosition> files, Ticket last,
                      bool leaving) = 0;
};

}  // namespace weather::sensors
