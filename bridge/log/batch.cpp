#include "bridge/log/batch.hpp"

#include <algorithm>
#include <cstring>

#include "bridge/log/bytes.hpp"

namespace weather::log {
namespace {

constexpr std::size_t keep_capacity = 1U << 20U;

}  // namespace

void Batch::reserve(std::size_t size) {
  if (size <= capacity_) return;
  const auto capacity = std::max({size, capacity_ * 2, std::size_t{16} << 10U});
  auto data = std::make_unique_for_overwrite<std::byte[]>(capacity);
  if (size_ > 0) std::memcpy(data.get(), data_.get(), size_);
  data_ = std::move(data);
  capacity_ = capacity;
}

bool Batch::add(std::span<const Record> records, Sequence first, std::size_t max_frame) {
  std::size_t most = 0;
  for (const auto& record : records) {
    if (record.payload.size() > max_frame) return false;
    most += max_record_size(record);
  }
  if (frame_header_bytes + most > max_frame) return false;
  const auto target = std::min(frame_target_bytes, max_frame);
  if (open_ && frame_header_bytes + frames_.back().header.body_bytes + most > target) finish();
  reserve(static_cast<std::size_t>(align_up(size_ + frame_header_bytes + most, block_bytes)));
  if (!open_) {
    frames_.push_back({.offset = size_, .header = {.first = first, .base_ns = records.front().time_ns}});
    size_ += frame_header_bytes;
    open_ = true;
  }
  auto& frame = frames_.back();
  std::byte* const begin = data_.get() + size_;
  std::byte* at = begin;
  for (const auto& record : records) {
    at = encode_record(record, frame.header.base_ns, at);
    frame.payload_bytes += record.payload.size();
  }
  const auto added = static_cast<std::size_t>(at - begin);
  size_ += added;
  frame.header.body_bytes += static_cast<std::uint32_t>(added);
  frame.header.records += static_cast<std::uint32_t>(records.size());
  return true;
}

void Batch::add_stored(const FrameHeader& header, std::span<const std::byte> body) {
  finish();
  reserve(static_cast<std::size_t>(size_ + header.size()));
  frames_.push_back({.offset = size_, .header = header, .checked = true, .payload_bytes = body.size()});
  std::memcpy(data_.get() + size_ + frame_header_bytes, body.data(), body.size());
  size_ += frame_header_bytes + body.size();
  open_ = true;
  finish();
}

void Batch::finish() {
  if (!open_) return;
  const auto padded = static_cast<std::size_t>(align_up(size_, block_bytes));
  std::memset(data_.get() + size_, 0, padded - size_);
  size_ = padded;
  open_ = false;
}

std::span<std::byte> Batch::bytes_of(std::size_t from, std::size_t to) {
  const auto begin = frames_[from].offset;
  const auto end = to < frames_.size() ? frames_[to].offset : size_;
  return {data_.get() + begin, end - begin};
}

void Batch::clear() {
  size_ = 0;
  written = 0;
  open_ = false;
  frames_.clear();
  if (capacity_ > keep_capacity) {
    data_.reset();
    capacity_ = 0;
  }
}

}  // namespace weather::log
