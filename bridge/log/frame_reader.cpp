#include "bridge/log/frame_reader.hpp"

#include <algorithm>
#include <utility>

#include "bridge/log/bytes.hpp"

namespace weather::log {
namespace {

constexpr std::size_t read_ahead_bytes = 256U << 10U;

}  // namespace

FrameReader::FrameReader(std::unique_ptr<File> file, std::uint64_t segment, std::uint32_t seed)
    : file_(std::move(file)), segment_(segment), seed_(seed) {}

void FrameReader::seek(std::uint64_t offset) {
  offset_ = offset;
}

std::span<const std::byte> FrameReader::buffered(std::uint64_t offset) const {
  if (offset < buffer_at_ || offset >= buffer_at_ + buffer_.size()) return {};
  const auto have = std::span(buffer_).subspan(static_cast<std::size_t>(offset - buffer_at_));
  return have.first(std::min<std::size_t>(have.size(), static_cast<std::size_t>(end_ - offset)));
}

bool FrameReader::next_is_buffered() const {
  if (offset_ >= end_) return true;
  const auto parsed = frame_at(offset_);
  return parsed && buffered(offset_).size() >= parsed->header.size();
}

std::optional<ParsedHeader> FrameReader::frame_at(std::uint64_t offset) const {
  auto parsed = decode_frame_header(buffered(offset), seed_);
  if (!parsed || parsed->header.segment != segment_) return std::nullopt;
  if (salt_ && parsed->header.salt != *salt_) return std::nullopt;
  return parsed;
}

// Makes at least `bytes` from `offset` on available, fewer only at the end.
Result<void> FrameReader::fill(std::uint64_t offset, std::size_t bytes) {
  if (buffered(offset).size() >= std::min<std::uint64_t>(bytes, end_ - offset)) return {};
  const auto want =
      static_cast<std::size_t>(std::min<std::uint64_t>(std::max(bytes, read_ahead_bytes), end_ - offset));
  buffer_.resize(want);
  buffer_at_ = offset;
  auto read = file_->read(offset, buffer_);
  if (read) {
    buffer_.resize(*read);
    if (*read < want) end_ = offset + *read;  // the file ends here
    return {};
  }
  if (!skip_unreadable_) {
    buffer_.clear();
    return fail(read.error());
  }
  for (std::size_t at = 0; at < want; at += block_bytes) {
    const auto block = std::span(buffer_).subspan(at, std::min(block_bytes, want - at));
    if (!file_->read(offset + at, block)) std::fill(block.begin(), block.end(), std::byte{0});
  }
  return {};
}

Result<FrameReader::Step> FrameReader::step() {
  frame_offset_ = offset_;
  if (offset_ >= end_) return Step::end;
  if (auto filled = fill(offset_, block_bytes); !filled) return fail(filled.error());
  const auto parsed = frame_at(offset_);
  if (!parsed) return buffered(offset_).empty() ? Step::end : skip();
  parsed_ = *parsed;
  salt_ = parsed_.header.salt;
  const auto size = parsed_.header.size();
  if (auto filled = fill(offset_, static_cast<std::size_t>(size)); !filled) return fail(filled.error());
  const bool whole = buffered(frame_offset_).size() >= frame_header_bytes + parsed_.header.body_bytes;
  if (whole && body_checksum(body(), seed_) == parsed_.header.body_crc) {
    offset_ += size;
    return Step::frame;
  }
  // Not by the size the header tells: a header that strayed here from elsewhere must not hide the next frame.
  offset_ = std::min(offset_ + block_bytes, end_);
  skipped_a_frame_ = true;
  return Step::bad_body;
}

// A header of this segment that does not pass its checksum.
bool FrameReader::remains_of_frame(std::uint64_t offset) const {
  const auto bytes = buffered(offset);
  return bytes.size() >= frame_header_bytes && has_frame_mark(bytes) &&
         get<std::uint64_t>(&bytes[8]) == segment_ && !decode_frame_header(bytes, seed_);
}

Result<FrameReader::Step> FrameReader::skip() {
  skipped_a_frame_ = false;
  do {
    skipped_a_frame_ = skipped_a_frame_ || remains_of_frame(offset_);
    offset_ += block_bytes;
    if (offset_ >= end_) {
      offset_ = end_;
      break;
    }
    if (auto filled = fill(offset_, frame_header_bytes); !filled) return fail(filled.error());
  } while (!frame_at(offset_) && !buffered(offset_).empty());
  return Step::skipped;
}

// Of the frame at hand, as far as the file goes.
std::span<const std::byte> FrameReader::part(std::size_t begin, std::size_t bytes) const {
  const auto frame = buffered(frame_offset_);
  if (frame.size() < begin) return {};
  return frame.subspan(begin, std::min(frame.size() - begin, bytes));
}

std::span<const std::byte> FrameReader::body() const {
  return part(frame_header_bytes, parsed_.header.body_bytes);
}

std::span<const std::byte> FrameReader::positions() const {
  return part(frame_header_bytes + parsed_.header.body_bytes, parsed_.header.position_bytes);
}

std::span<const std::byte> FrameReader::padding() const {
  const auto& header = parsed_.header;
  return part(frame_header_bytes + header.body_bytes + header.position_bytes,
              header.padding() - header.position_bytes);
}

Result<std::array<std::byte, block_bytes>> read_block(File& file, std::uint64_t offset) {
  std::array<std::byte, block_bytes> block{};
  const auto read = file.read(offset, block);
  if (!read) return fail(read.error());
  if (*read != block_bytes) return fail(file.error_at(Errc::corrupt, offset));
  return block;
}

}  // namespace weather::log
