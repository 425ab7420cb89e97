#include "bridge/log/reader.hpp"

#include <utility>

#include "bridge/log/segment_header.hpp"

namespace weather::log {
namespace {

// How often a read may fail before blocks count as damaged, provided that the segment's first block is
// readable: a disk that went away for a while must not turn a backlog into losses.
constexpr int read_attempts = 5;

}  // namespace

LogReader::LogReader(Context& context, std::shared_ptr<Catalog> catalog, Sequence from,
                     std::function<void(const LostRange&)> on_damage)
    : context_(context), catalog_(std::move(catalog)), on_damage_(std::move(on_damage)), position_(1) {
  seek(from);
}

void LogReader::seek(Sequence next) {
  leave();
  position_ = std::max<Sequence>(next, 1);
}

void LogReader::leave() {
  segment_.reset();
  frames_.reset();
  walker_ = {};
  frame_waits_ = false;
  good_until_ = block_bytes;
  skipped_bytes_ = 0;
  skipped_a_frame_ = false;
  failed_reads_ = 0;
}

Result<std::span<const Entry>> LogReader::read(std::size_t max_records, std::size_t max_bytes) {
  entries_.clear();
  entry_bytes_ = 0;
  for (;;) {
    if (segment_ && segment_->retired) {
      // Released or dropped while we were in it: what was read so far is good, the rest is looked up again.
      if (!entries_.empty()) return entries_;
      leave();
    }
    if (!segment_) {
      const auto found = locate();
      if (!found) return fail(found.error());
      if (*found != Found::segment) return entries_;
    }
    take_records(max_records, max_bytes);
    if (entries_.size() >= max_records || entry_bytes_ >= max_bytes) return entries_;
    if (!walker_.done()) continue;
    if (!frame_waits_) {
      // Entries point into the buffer: nothing may be read over them.
      if (!entries_.empty() && (plain_ || !frames_->next_is_buffered())) return entries_;
      const auto more = next_frame();
      if (!more) return fail(more.error());
      if (!*more) {
        if (!entries_.empty() || !finish_segment()) return entries_;
        continue;
      }
    }
    if (frames_ && frame_waits_ && !begin_frame()) return entries_;
  }
}

// Finds where position_ is, or tells what is missing there.
Result<LogReader::Found> LogReader::locate() {
  for (;;) {
    const auto view = catalog_->view();
    if (position_ >= view.end) return Found::nothing;
    if (position_ < view.first) {
      for (const auto& drop : view.drops) {
        if (drop.last < position_) continue;
        emit_loss(clip(drop, position_));
        return Found::loss;
      }
      position_ = view.first;  // released after every cursor had passed it
      continue;
    }
    const auto place = catalog_->find(position_);
    if (!place || place->segment->base > position_) {
      emit_gap(place ? place->segment->base : view.end, 0);
      return Found::loss;
    }
    const auto entered = enter(*place);
    if (!entered) return fail(entered.error());
    if (*entered) return Found::segment;
  }
}

// False: look again, the segment was just released.
Result<bool> LogReader::enter(const Catalog::Place& place) {
  auto file = context_.files.open(place.segment->path, Mode::read);
  if (!file) {
    if (place.segment->retired) return false;
    if (file.error() != std::errc::no_such_file_or_directory) return fail(file.error());
  }
  segment_ = place.segment;
  segment_end_ = place.end;
  segment_last_ = place.last;
  if (!file) return true;  // the file is gone: finish_segment tells what is missing
  const auto block = read_block(**file, 0);
  frames_.emplace(std::move(*file), segment_->number, context_.seed);
  frames_->set_end(place.readable);
  frames_end_ = place.readable;
  if (block) {
    const auto header = decode_segment_header(*block);
    if (header && header->number == segment_->number) frames_->set_salt(header->salt);
    if (!header) segment_->damaged = true;
  }
  return true;
}

// Steps to the next good frame; false at the end of what may be read.
Result<bool> LogReader::next_frame() {
  while (frames_) {
    const auto step = frames_->step();
    if (!step) {
      if (++failed_reads_ < read_attempts || !unreadable_for_good()) return fail(step.error());
      frames_->set_skip_unreadable(true);
      continue;
    }
    failed_reads_ = 0;
    switch (*step) {
      case FrameReader::Step::frame:
        if (frames_->header().last() < position_) {  // before where we began
          skipped_bytes_ = 0;
          skipped_a_frame_ = false;
          good_until_ = frames_->offset();
          continue;
        }
        if (segment_->retired) return false;
        frame_waits_ = true;
        return true;
      case FrameReader::Step::bad_body:
      case FrameReader::Step::skipped:
        skipped_bytes_ += frames_->skipped_bytes();
        skipped_a_frame_ = skipped_a_frame_ || frames_->skipped_a_frame();
        break;
      case FrameReader::Step::end:
        return false;
    }
  }
  return false;
}

bool LogReader::unreadable_for_good() {
  auto file = context_.files.open(segment_->path, Mode::read);
  return file && read_block(**file, 0).has_value();
}

// Starts on the records of the frame just read. False: a loss comes first and is in
// entries_.
bool LogReader::begin_frame() {
  const auto& header = frames_->header();
  if (header.first >= segment_end_) {  // a torn write behind the end, superseded by the next segment
    frame_waits_ = false;
    return true;
  }
  if (header.first > position_) {
    if (entries_.empty()) emit_gap(header.first, header.base_ns);
    return false;
  }
  frame_waits_ = false;
  skipped_bytes_ = 0;
  skipped_a_frame_ = false;
  plain_.reset();
  auto body = frames_->body();
  if (header.codec == Codec::zstd) {
    plain_ = unpack_body(body);
    if (!plain_) {
      skipped_bytes_ += header.size();
      skipped_a_frame_ = true;
      return true;
    }
    body = *plain_;
  }
  walker_ = RecordWalker(header, body);
  good_until_ = frames_->offset();
  return true;
}

void LogReader::take_records(std::size_t max_records, std::size_t max_bytes) {
  Entry entry;
  while (entries_.size() < max_records && (entries_.empty() || entry_bytes_ < max_bytes) &&
         walker_.next(entry)) {
    if (entry.sequence < position_) continue;
    if (entry.sequence >= segment_end_) {
      walker_ = {};
      break;
    }
    position_ = entry.sequence + 1;
    last_ns_ = entry.time_ns;
    entry_bytes_ += entry.payload.size();
    entries_.push_back(entry);
  }
  if (walker_.damaged()) {
    good_until_ = frames_->frame_offset();
    skipped_bytes_ += block_bytes;
    skipped_a_frame_ = true;
  }
}

// At the end of what may be read of this segment. False: nothing more now, or a loss was given out.
bool LogReader::finish_segment() {
  const auto place = catalog_->find(segment_->base);
  if (segment_->retired || !place) {
    leave();
    return true;
  }
  if (segment_last_) {
    // More may have been written, or it may not be the last one any more.
    const auto now = catalog_->find(position_);
    if (now && now->segment == segment_) {
      const bool grown = frames_ && now->readable > frames_end_;
      segment_end_ = now->end;
      segment_last_ = now->last;
      if (grown) {
        frames_->set_end(now->readable);
        frames_end_ = now->readable;
        return true;
      }
    } else if (now) {
      leave();
      return true;
    }
  }
  if (position_ < segment_end_) {
    // What lies behind the last frame is damage only if a frame is among it: files are not always full.
    if (!skipped_a_frame_) skipped_bytes_ = 0;
    emit_gap(segment_end_, 0);
    return false;
  }
  if (segment_last_) return false;
  leave();
  return true;
}

void LogReader::emit_gap(Sequence end, std::int64_t until_ns) {
  const Loss loss{.first = position_,
                  .last = end - 1,
                  .records = end - position_,
                  .bytes = skipped_bytes_,
                  .from_ns = last_ns_,
                  .to_ns = until_ns,
                  .noticed_ns = context_.clock.wall_ns(),
                  .reason = skipped_bytes_ > 0 ? LossReason::damaged : LossReason::missing};
  if (segment_) segment_->damaged = true;
  if (on_damage_) on_damage_(lost_before(end));
  skipped_bytes_ = 0;
  skipped_a_frame_ = false;
  emit_loss(loss);
}

LostRange LogReader::lost_before(Sequence end) const {
  const auto& path = segment_ ? segment_->path : context_.dir();
  return {position_, end - 1, path.string(), segment_ ? good_until_ : 0};
}

void LogReader::emit_loss(const Loss& loss) {
  encode_loss(loss, loss_);
  entries_.push_back(
      {.sequence = loss.last, .time_ns = loss.noticed_ns, .type = Type::loss, .payload = loss_});
  position_ = loss.last + 1;
}

}  // namespace weather::log
