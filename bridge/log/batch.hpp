// Appends on their way to the card: encoded straight into frames, one copy from the caller's bytes to the
// write. Not thread-safe: the log guards the batch being filled, the log thread owns the one being written.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "bridge/log/frame.hpp"

namespace weather::log {

class Batch {
 public:
  struct Frame {
    std::size_t offset = 0;  // in the buffer, a multiple of the block size
    FrameHeader header;      // segment, salt, durable and chain are filled in when it is written
    bool checked = false;    // body_crc is valid
    std::uint64_t payload_bytes = 0;
  };

  // Adds the records as one unit. False: larger than max_frame, nothing added.
  bool add(std::span<const Record> records, Sequence first, std::size_t max_frame);
  // Adds a frame as it was stored; its header must already be decoded.
  void add_stored(const FrameHeader& header, std::span<const std::byte> body);

  // Pads the last frame; after this the frames may be written. Adding again begins a new frame.
  void finish();
  std::vector<Frame>& frames() { return frames_; }
  std::span<std::byte> bytes_of(const Frame& frame) {
    return {data_.get() + frame.offset, static_cast<std::size_t>(frame.header.size())};
  }
  // Frames lie one after the other: this many bytes from frame `from` up to frame `to`.
  std::span<std::byte> bytes_of(std::size_t from, std::size_t to);

  // Frames before this one are on the card.
  std::size_t written = 0;

  bool empty() const { return frames_.empty(); }
  std::size_t size() const { return size_; }
  Sequence last() const { return frames_.empty() ? 0 : frames_.back().header.last(); }
  void clear();  // gives back what a burst grew beyond 1 MiB

 private:
  void reserve(std::size_t size);

  std::unique_ptr<std::byte[]> data_;
  std::size_t size_ = 0, capacity_ = 0;
  std::vector<Frame> frames_;
  bool open_ = false;  // the last frame may grow
};

}  // namespace weather::log
