// Walks the frames of one segment file, from one offset to another, and resumes after damage at the next
// block that begins a frame of this segment. Used by readers, recovery and tools. One thread at a time.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "bridge/log/files.hpp"
#include "bridge/log/frame.hpp"

namespace weather::log {

class FrameReader {
 public:
  enum class Step : std::uint8_t {
    frame,     // header() and body() are good
    bad_body,  // header() is good, the body is damaged; goes on at the next block, see skipped_bytes()
    skipped,   // bytes that do not begin a frame of this segment: skipped_from(), skipped_bytes()
    end,       // the end offset or the end of the file
  };

  FrameReader(std::unique_ptr<File> file, std::uint64_t segment, std::uint32_t seed);

  // The salt all frames must carry. Unset (a damaged segment header): the first good frame sets it.
  void set_salt(std::uint32_t salt) { salt_ = salt; }
  std::optional<std::uint32_t> salt() const { return salt_; }
  void seek(std::uint64_t offset);
  void set_end(std::uint64_t end) { end_ = end; }
  // Step over blocks the disk refuses to read instead of returning its error.
  void set_skip_unreadable(bool skip) { skip_unreadable_ = skip; }
  std::uint64_t offset() const { return offset_; }  // where the next step begins

  // Errors are those of the file. The next call of step() may overwrite what body() pointed to.
  Result<Step> step();
  // True if the next step needs no read: earlier bodies stay where they are.
  bool next_is_buffered() const;

  const FrameHeader& header() const { return parsed_.header; }
  std::uint32_t header_crc() const { return parsed_.crc; }
  std::uint64_t frame_offset() const { return frame_offset_; }
  std::span<const std::byte> body() const;       // as stored
  std::span<const std::byte> positions() const;  // as stored: where the cursors stood, see positions.hpp
  std::span<const std::byte> padding() const;    // the zeros after both
  std::uint64_t skipped_from() const { return frame_offset_; }
  std::uint64_t skipped_bytes() const { return offset_ - frame_offset_; }
  // True if a damaged frame of this segment is among what was skipped, and not only zeros or an earlier
  // life's bytes.
  bool skipped_a_frame() const { return skipped_a_frame_; }

 private:
  Result<void> fill(std::uint64_t offset, std::size_t bytes);
  std::span<const std::byte> buffered(std::uint64_t offset) const;
  std::span<const std::byte> part(std::size_t begin, std::size_t bytes) const;
  std::optional<ParsedHeader> frame_at(std::uint64_t offset) const;
  bool remains_of_frame(std::uint64_t offset) const;
  Result<Step> skip();

  std::unique_ptr<File> file_;
  std::uint64_t segment_;
  std::uint32_t seed_;
  std::optional<std::uint32_t> salt_;
  std::uint64_t offset_ = block_bytes;
  std::uint64_t end_ = 0;
  bool skip_unreadable_ = false;

  std::vector<std::byte> buffer_;
  std::uint64_t buffer_at_ = 0;
  bool skipped_a_frame_ = false;
  ParsedHeader parsed_;
  std::uint64_t frame_offset_ = 0;
};

// The header block of a segment file.
Result<std::array<std::byte, block_bytes>> read_block(File& file, std::uint64_t offset);

}  // namespace weather::log
