#include "bridge/log/committer.hpp"

#include <algorithm>
#include <cassert>
#include <utility>
#include <vector>

#include "bridge/log/frame_reader.hpp"

namespace weather::log {
namespace {

constexpr std::uint64_t zeros_ahead = 32U << 10U;
constexpr std::size_t zeros_step = 256U << 10U;

}  // namespace

Committer::Committer(Context& context, Catalog& catalog, CursorSet& cursors, SegmentStore& store)
    : context_(context), catalog_(catalog), cursors_(cursors), store_(store) {}

Result<void> Committer::write(Batch& batch, bool sync) {
  batch.finish();
  // A failed segment is left alone; one more attempt goes into a new one before the log counts as degraded.
  for (int attempt = 0;; ++attempt) {
    Result<void> done;
    if (!rescue_.empty()) {
      done = put(rescue_, true);
      if (done) rescue_.clear();
    }
    if (done) done = put(batch, sync);
    if (done) return done;
    if (!active_) return done;
    poison(done.error());
    if (attempt == 1) return done;
  }
}

Result<void> Committer::put(Batch& batch, bool sync) {
  while (batch.written < batch.frames().size()) {
    const auto& next = batch.frames()[batch.written];
    if (active_ && active_->offset + next.header.size() > context_.options.segment_bytes) {
      if (auto synced = this->sync(); !synced) return synced;
      active_.reset();
    }
    if (!active_) {
      auto active = store_.activate(next.header.first);
      if (!active) return fail(active.error());
      active_ = std::move(*active);
    }
    const auto first = batch.written;
    const auto bytes = put_frames(batch);
    if (!bytes) return fail(bytes.error());
    if (sync) {
      if (auto synced = sync_active(); !synced) {
        batch.written = first;
        written_ = catalog_.end() - 1;
        return synced;
      }
    }
  }
  return {};
}

// Where the cursors stand goes into what is left of the frame's last block, which is written anyhow.
void Committer::carry_positions(FrameHeader& header, std::span<std::byte> frame) {
  if (context_.format < positions_format) return;
  const auto room = frame.last(header.padding());
  if (header.position_bytes != 0) std::ranges::fill(room, std::byte{0});  // of an attempt that failed
  header.position_bytes = static_cast<std::uint16_t>(cursors_.carry(header, room));
}

// Writes as many frames as fit the active segment, with one write.
Result<std::uint64_t> Committer::put_frames(Batch& batch) {
  auto& frames = batch.frames();
  const auto from = batch.written;
  auto to = from;
  auto offset = active_->offset;
  auto previous = active_->last_crc;
  std::uint64_t payload = 0;
  for (; to < frames.size() && offset + frames[to].header.size() <= context_.options.segment_bytes; ++to) {
    auto& frame = frames[to];
    const auto bytes = batch.bytes_of(frame);
    auto& header = frame.header;
    assert(bytes.size() == header.size());  // with its padding: the next one begins on a block of its own
    if (!frame.checked)
      header.body_crc = body_checksum(bytes.subspan(frame_header_bytes, header.body_bytes), context_.seed);
    frame.checked = true;
    header.segment = active_->segment->number;
    header.salt = active_->salt;
    header.durable = catalog_.end() - 1;
    header.previous_crc = previous;
    carry_positions(header, bytes);
    previous = encode_frame_header(header, context_.seed, bytes.data());
    offset += bytes.size();
    payload += frame.payload_bytes;
  }
  const auto bytes = batch.bytes_of(from, to);
  if (auto done = write_all(*active_->file, active_->offset, bytes); !done) return fail(done.error());
  active_->offset = offset;
  active_->extent = std::max(active_->extent, offset);
  active_->last_crc = previous;
  batch.written = to;
  written_ = frames[to - 1].header.last();
  counters_.written_bytes += bytes.size();
  counters_.payload_bytes += payload;
  return bytes.size();
}

Result<void> Committer::sync() {
  if (!unsynced()) return {};
  auto done = sync_active();
  if (done) return done;
  poison(done.error());
  Batch nothing;
  return write(nothing, true);  // what was written and is in doubt goes into another segment
}

bool Committer::wants_to_extend() const {
  return active_ && !unsynced() &&
         active_->extent < std::min(context_.options.segment_bytes, active_->offset + zeros_ahead);
}

bool Committer::extend() {
  if (!wants_to_extend()) return false;
  const auto full = context_.options.segment_bytes;
  static const std::vector<std::byte> zeros(zeros_step);
  const auto step = static_cast<std::size_t>(std::min<std::uint64_t>(zeros_step, full - active_->extent));
  auto done = write_all(*active_->file, active_->extent, std::span(zeros).first(step));
  if (done) done = active_->file->sync_data();
  // No record is concerned if this fails: everything in the segment is durable. It is not tried again here.
  active_->extent = done ? active_->extent + step : full;
  return true;
}

Result<void> Committer::sync_active() {
  const auto begin = context_.clock.steady();
  if (auto done = active_->file->sync_data(); !done) return done;
  if (on_sync_time_) on_sync_time_(context_.clock.steady() - begin);
  ++counters_.commits;
  cursors_.carried();
  catalog_.set_readable(active_->segment, active_->offset, written_ + 1);
  return {};
}

// After a failed write or sync what the card holds is unknown: the kernel marks the pages clean, a second
// sync would succeed without having written them (fsyncgate). The segment ends at its last durable frame.
void Committer::poison(const Error& error) {
  ++counters_.sync_errors;
  cursors_.not_carried();
  keep_unsynced();
  const auto segment = active_->segment;
  active_.reset();
  if (segment->readable == block_bytes) store_.discard(segment, error != std::errc::no_space_on_device);
}

// Frames acknowledged before they were synced (durability "interval") are still in the page cache: read them
// back.
void Committer::keep_unsynced() {
  rescue_.written = 0;
  if (context_.options.durability != Durability::interval || !unsynced() || !rescue_.empty()) return;
  auto file = context_.files.open(active_->segment->path, Mode::read);
  if (!file) return;
  FrameReader frames(std::move(*file), active_->segment->number, context_.seed);
  frames.set_salt(active_->salt);
  frames.seek(active_->segment->readable);
  frames.set_end(active_->offset);
  for (auto step = frames.step(); step && *step == FrameReader::Step::frame; step = frames.step()) {
    if (frames.header().last() <= written_) rescue_.add_stored(frames.header(), frames.body());
  }
  written_ = catalog_.end() - 1;
}

}  // namespace weather::log
