#include "bridge/log/densify.hpp"

#include <algorithm>
#include <utility>

#include "bridge/log/segment_header.hpp"

namespace weather::log {
namespace {

// A segment is left alone until this many sealed ones wait: with the link up nothing is ever rewritten.
constexpr std::size_t backlog_segments = 2;
constexpr std::uint64_t step_bytes = 256U << 10U;

}  // namespace

Densifier::Densifier(Context& context, Catalog& catalog, CursorSet& cursors, SegmentStore& store)
    : context_(context), catalog_(catalog), cursors_(cursors), store_(store) {}

bool Densifier::step() {
  if (place_ && place_->segment->retired) {
    give_up();
    return true;
  }
  switch (phase_) {
    case Phase::idle:
      return choose();
    case Phase::measure:
      return measure_step();
    case Phase::rewrite:
      return rewrite_step();
  }
  return false;
}

// The oldest segment nothing of which has been delivered.
bool Densifier::choose() {
  if (!look_) return false;
  const auto held = cursors_.held_from_now();
  std::vector<Catalog::Place> waiting;
  for (auto& place : catalog_.all()) {
    if (!place.last && place.segment->base >= held) waiting.push_back(std::move(place));
  }
  const auto candidate = std::ranges::find_if(waiting, [](const Catalog::Place& place) {
    const auto& segment = *place.segment;
    return !segment.dense && !segment.kept && !segment.damaged && segment.base < place.end;
  });
  const auto space = context_.files.space(context_.dir());
  const bool room =
      !space || space->free_bytes > context_.options.segment_bytes + context_.options.min_free_bytes;
  if (waiting.size() < backlog_segments || candidate == waiting.end() || !room) {
    look_ = false;
    return false;
  }
  place_ = *candidate;
  body_bytes_ = 0;
  return begin_pass(Phase::measure);
}

bool Densifier::begin_pass(Phase phase) {
  auto file = context_.files.open(place_->segment->path, Mode::read);
  const auto block =
      file ? read_block(**file, 0) : Result<std::array<std::byte, block_bytes>>(fail(file.error()));
  const auto header = block ? decode_segment_header(*block) : Result<SegmentHeader>(fail(block.error()));
  if (!header || header->number != place_->segment->number) {
    give_up();
    return true;
  }
  frames_.emplace(std::move(*file), place_->segment->number, context_.seed);
  frames_->set_salt(header->salt);
  frames_->set_end(place_->readable);
  next_ = place_->segment->base;
  phase_ = phase;
  return true;
}

// Moves to the next frame of the segment; false when all its records were seen, or when it is not whole: a
// damaged segment stays as it is, to be looked at.
bool Densifier::take_frame() {
  const auto step = frames_->step();
  if (next_ == place_->end || !step || *step != FrameReader::Step::frame) return false;
  const auto& header = frames_->header();
  return header.first == next_ && header.codec == Codec::plain;
}

bool Densifier::measure_step() {
  const auto begin = frames_->offset();
  while (next_ < place_->end && frames_->offset() < begin + step_bytes) {
    if (!take_frame()) {
      give_up();
      return true;
    }
    body_bytes_ += frames_->header().body_bytes;
    next_ = std::min(frames_->header().last() + 1, place_->end);
  }
  if (next_ < place_->end) return true;
  if (body_bytes_ * 2 > frames_->offset() || !begin_pass(Phase::rewrite) || phase_ != Phase::rewrite ||
      !create()) {
    give_up();
  }
  return true;
}

Result<void> Densifier::create() {
  path_ =
      context_.dir() / (to_text(SegmentName{place_->segment->number, place_->segment->base, true}) + ".tmp");
  static_cast<void>(context_.files.remove(path_));
  auto file = context_.files.open(path_, Mode::create);
  if (!file) return fail(file.error());
  file_ = std::move(*file);
  salt_ = store_.random();
  last_crc_ = 0;
  offset_ = block_bytes;
  return {};
}

bool Densifier::rewrite_step() {
  while (next_ < place_->end && batch_.size() < frame_target_bytes) {
    if (!take_frame()) {
      give_up();
      return true;
    }
    RecordWalker walker(frames_->header(), frames_->body());
    for (Entry entry; next_ < place_->end && walker.next(entry); ++next_) {
      const Record record{entry.time_ns, entry.type, entry.payload};
      if (!batch_.add({&record, 1}, entry.sequence, context_.max_frame())) break;
    }
    if (next_ != std::min(frames_->header().last() + 1, place_->end)) {
      give_up();
      return true;
    }
  }
  auto done = flush();
  if (done && next_ == place_->end) done = finish();
  if (!done) give_up();
  return true;
}

Result<void> Densifier::flush() {
  batch_.finish();
  Batch out;
  for (const auto& frame : batch_.frames()) {
    const auto plain = batch_.bytes_of(frame).subspan(frame_header_bytes, frame.header.body_bytes);
    const auto packed = pack_body(plain);
    const std::span<const std::byte> body = packed ? std::span<const std::byte>(*packed) : plain;
    auto header = frame.header;
    header.codec = packed ? Codec::zstd : Codec::plain;
    header.body_bytes = static_cast<std::uint32_t>(body.size());
    header.body_crc = body_checksum(body, context_.seed);
    header.segment = place_->segment->number;
    header.salt = salt_;
    header.durable = place_->end - 1;
    header.previous_crc = last_crc_;
    out.add_stored(header, body);
    last_crc_ = encode_frame_header(header, context_.seed, out.bytes_of(out.frames().back()).data());
  }
  batch_.clear();
  if (out.empty()) return {};
  const auto bytes = out.bytes_of(0, out.frames().size());
  if (auto done = write_all(*file_, offset_, bytes); !done) return done;
  offset_ += bytes.size();
  return file_->sync_data();
}

Result<void> Densifier::finish() {
  SegmentHeader header;
  header.format = context_.format;
  header.log = context_.id;
  header.number = place_->segment->number;
  header.base = place_->segment->base;
  header.salt = salt_;
  header.bytes = offset_;
  header.created_ns = context_.clock.wall_ns();
  header.opens = store_.state().opens;
  header.end = place_->end;
  std::array<std::byte, block_bytes> block{};
  encode_segment_header(header, block);
  auto done = write_all(*file_, 0, block);
  if (done) done = file_->sync_data();
  if (done) done = store_.replace_dense(place_->segment, path_, offset_);
  if (!done) return done;
  file_.reset();
  place_.reset();
  frames_.reset();
  phase_ = Phase::idle;
  return {};
}

void Densifier::give_up() {
  if (place_) place_->segment->kept = true;
  if (file_) static_cast<void>(context_.files.remove(path_));
  file_.reset();
  place_.reset();
  frames_.reset();
  batch_.clear();
  phase_ = Phase::idle;
}

}  // namespace weather::log
