#include "bridge/log/segment_store.hpp"

#include <algorithm>
#include <utility>

#include "bridge/log/frame_reader.hpp"
#include "bridge/log/segment_header.hpp"

namespace weather::log {
namespace {

constexpr std::size_t quarantine_files = 4;

}  // namespace

SegmentStore::SegmentStore(Context& context, Catalog& catalog, CursorSet& cursors)
    : context_(context),
      catalog_(catalog),
      cursors_(cursors),
      pool_(context),
      state_file_(context.files, context.dir() / "STATE", state_magic),
      random_(context.options.random_seed != 0 ? static_cast<std::uint32_t>(context.options.random_seed)
                                               : std::random_device{}()) {}

Result<std::optional<State>> SegmentStore::load_state() {
  const auto loaded = state_file_.load();
  if (loaded && loaded->log == context_.id) return decode_state(loaded->payload());
  if (loaded || loaded.error() == Errc::not_found || loaded.error() == Errc::corrupt) return std::nullopt;
  return fail(loaded.error());
}

Result<void> SegmentStore::save_state() {
  state_.durable = std::max(state_.durable, catalog_.end() - 1);
  const auto passed = cursors_.lowest_saved();
  std::erase_if(state_.drops, [passed](const Loss& drop) { return drop.last < passed; });
  SlotBlock block{};
  encode_state(state_, std::span(block).subspan<slot_header_bytes>());
  if (auto stored = state_file_.store(context_.id, block, context_.format); !stored) return stored;
  saved_durable_ = state_.durable;
  return {};
}

Result<Active> SegmentStore::activate(Sequence base) {
  // Recovery looks for positions in the last segment only: what the frames before it carry goes into the
  // files.
  if (cursors_.files_behind()) static_cast<void>(save_cursors());
  if (auto room = make_room(); !room) return fail(room.error());
  auto active = make_segment(base);
  // The disk is full although the limit is not reached: others use it. The policy decides here as well.
  while (!active && active.error() == std::errc::no_space_on_device) {
    if (!release() || pool_.empty()) {
      if (context_.options.on_full != OnFull::drop_oldest || catalog_.size() < 2) break;
      if (auto dropped = drop_front(); !dropped) return fail(dropped.error());
    }
    active = make_segment(base);
    if (pool_.empty() && catalog_.size() < 2) break;
  }
  may_prepare_ = true;
  return active;
}

Result<void> SegmentStore::make_room() {
  const auto& options = context_.options;
  for (;;) {
    const bool over = catalog_.bytes() + options.segment_bytes > options.max_bytes;
    if (!over && (!pool_.empty() || space_for_new_file())) return {};
    const auto before = catalog_.size();
    if (auto released = release(); !released) return released;
    if (catalog_.size() < before) continue;
    if (first_releasable(0,
                         cursors_.held_from())) {  // kept for replay while there is room, and there is none
      const auto front = *catalog_.front();
      if (auto moved = move_first(front.end, front.segment->number + 1); !moved) return moved;
      continue;
    }
    if (options.on_full != OnFull::drop_oldest) return fail(Errc::full);
    if (before < 2) return {};  // one segment is the least a log can have
    if (auto dropped = drop_front(); !dropped) return dropped;
  }
}

bool SegmentStore::can_activate() {
  // What every cursor has passed goes, all of it if need be: a dense segment alone may free too little.
  std::uint64_t kept = catalog_.bytes();
  if (first_releasable(0, cursors_.held_from())) {
    for (const auto& place : catalog_.all()) {
      if (place.last || place.end > cursors_.held_from()) break;
      kept -= place.segment->file_bytes;
    }
  }
  if (kept + context_.options.segment_bytes > context_.options.max_bytes) return false;
  return kept < catalog_.bytes() || !pool_.empty() || space_for_new_file();
}

std::uint64_t SegmentStore::room_in(const Active& active) {
  const auto full = context_.options.segment_bytes;
  const auto written = std::min(active.extent, full);
  if (written == full) return full - active.offset;
  const auto space = context_.files.space(context_.dir());
  return (!space || space->free_bytes >= full ? full : written) - active.offset;
}

bool SegmentStore::space_for_new_file() {
  if (catalog_.bytes() + pool_.bytes() + context_.options.segment_bytes > context_.options.max_bytes)
    return false;
  const auto space = context_.files.space(context_.dir());
  const auto others = context_.options.yields_to ? context_.options.yields_to().in_all_bytes : 0;
  return !space ||
         space->free_bytes >= context_.options.segment_bytes + context_.options.min_free_bytes + others;
}

bool SegmentStore::yield_step() {
  const auto space = context_.files.space(context_.dir());
  if (!space || space->free_bytes >= context_.options.yields_to().soon_bytes) return false;
  if (pool_.drop_one()) return true;
  return can_yield() && drop_front();
}

Result<Active> SegmentStore::make_segment(Sequence base) {
  const auto number = new_number();
  auto spare = pool_.take(number);
  if (!spare) return fail(spare.error());
  const auto places = catalog_.all();
  const SegmentHeader header{.format = context_.format,
                             .log = context_.id,
                             .number = number,
                             .base = base,
                             .salt = random(),
                             .bytes = context_.options.segment_bytes,
                             .created_ns = context_.clock.wall_ns(),
                             .previous = places.empty() ? 0 : places.back().segment->number,
                             .opens = state_.opens};
  std::array<std::byte, block_bytes> block{};
  encode_segment_header(header, block);
  auto segment = std::make_shared<Segment>();
  segment->number = number;
  segment->base = base;
  segment->path = context_.dir() / to_text(SegmentName{number, base});
  segment->file_bytes = context_.options.segment_bytes;
  segment->readable = block_bytes;
  auto done = write_all(*spare->file, 0, block);
  if (done) done = spare->file->sync_data();
  if (done) done = context_.files.rename(spare->path, segment->path);
  if (!done) {
    spare->file.reset();
    static_cast<void>(context_.files.remove(spare->path));
    return fail(done.error());
  }
  if (done = context_.files.sync_dir(context_.dir()); !done) {
    quarantine(segment->path);
    return fail(done.error());
  }
  catalog_.add(segment);
  return Active{std::move(segment),
                std::move(spare->file),
                header.salt,
                block_bytes,
                0,
                std::max<std::uint64_t>(spare->bytes, block_bytes)};
}

// `held`: records from here on are held back.
bool SegmentStore::first_releasable(std::uint64_t kept_bytes, Sequence held) const {
  const auto front = catalog_.front();
  if (!front || front->last || front->end > held) return false;
  if (kept_bytes == 0) return true;
  std::uint64_t sent = 0;
  for (const auto& place : catalog_.all()) {
    if (!place.last && place.end <= held) sent += place.segment->file_bytes;
  }
  return sent > kept_bytes;
}

bool SegmentStore::can_release(Sequence keep) const {
  return first_releasable(context_.options.keep_sent_bytes, std::min(cursors_.held_from(), keep));
}

bool SegmentStore::could_release(Sequence keep) const {
  return first_releasable(context_.options.keep_sent_bytes, std::min(cursors_.held_from_now(), keep));
}

Result<void> SegmentStore::release(Sequence keep) {
  while (can_release(keep)) {
    // As many as may go with one STATE write.
    const auto held = std::min(cursors_.held_from(), keep);
    auto first = *catalog_.front();
    if (context_.options.keep_sent_bytes == 0) {
      for (const auto& place : catalog_.all()) {
        if (!place.last && place.end <= held) first = place;
      }
    }
    if (auto moved = move_first(first.end, first.segment->number + 1); !moved) return moved;
  }
  return {};
}

// The one way segments leave: STATE first, then the files. The other way round, a power cut between the two
// would bring back a file STATE still counts on.
Result<void> SegmentStore::move_first(Sequence first, std::uint64_t first_segment) {
  if (before_leaving_ && first > state_.first) before_leaving_(first);
  const auto old = std::pair(state_.first, state_.first_segment);
  state_.first = std::max(state_.first, first);
  state_.first_segment = first_segment;
  if (auto saved = save_state(); !saved) {
    std::tie(state_.first, state_.first_segment) = old;
    return saved;
  }
  catalog_.set_first(state_.first, state_.drops);
  for (auto front = catalog_.front(); front && front->segment->number < first_segment;
       front = catalog_.front()) {
    catalog_.pop_front();
    retire_file(front->segment);
  }
  return {};
}

Result<void> SegmentStore::drop_front() {
  static_cast<void>(save_cursors());  // drop as little as possible; the saved positions count
  const auto front = *catalog_.front();
  const auto from = std::max({front.segment->base, cursors_.held_from(), state_.first});
  const auto before = state_;
  Loss counted;
  if (from < front.end) {
    const auto loss = measure(front, from);
    if (!loss) return fail(loss.error());
    add_drop(state_.drops, *loss);
    counted = *loss;
    state_.dropped_oldest += loss->records;
    state_.dropped_bytes += loss->bytes;
  }
  if (auto moved = move_first(front.end, front.segment->number + 1); !moved) {
    state_ = before;
    return moved;
  }
  if (counted.records > 0) drop_count_.add(counted.first, counted.last, cursors_.holding());
  return {};
}

Result<void> SegmentStore::save_cursors() {
  std::vector<CursorMove> moves;
  auto done = cursors_.save(catalog_.end() - 1, moves);
  for (const auto& move : moves) drop_count_.passed(move);
  if (moves.empty()) return done;
  const auto too_much = drop_count_.settle(cursors_.holding());
  if (too_much == 0) return done;
  state_.dropped_oldest -= std::min(state_.dropped_oldest, too_much);
  if (auto saved = save_state(); done && !saved) done = saved;
  return done;
}

// How much goes with records `from` and above of a segment.
Result<Loss> SegmentStore::measure(const Catalog::Place& place, Sequence from) {
  Loss loss{.first = from,
            .last = place.end - 1,
            .records = place.end - from,
            .noticed_ns = context_.clock.wall_ns(),
            .reason = LossReason::dropped_oldest};
  auto file = context_.files.open(place.segment->path, Mode::read);
  if (!file) return loss;  // gone or unreadable: the range is known all the same
  FrameReader frames(std::move(*file), place.segment->number, context_.seed);
  frames.set_skip_unreadable(true);
  frames.set_end(place.readable);
  for (auto step = frames.step(); step && *step != FrameReader::Step::end; step = frames.step()) {
    if (*step != FrameReader::Step::frame || frames.header().last() < from) continue;
    std::optional<std::vector<std::byte>> plain;
    auto body = frames.body();
    if (frames.header().codec == Codec::zstd) {
      if (plain = unpack_body(body); !plain) continue;
      body = *plain;
    }
    RecordWalker walker(frames.header(), body);
    for (Entry entry; walker.next(entry);) {
      if (entry.sequence < from || entry.sequence >= place.end) continue;
      loss.bytes += entry.payload.size();
      if (loss.from_ns == 0) loss.from_ns = entry.time_ns;
      loss.to_ns = entry.time_ns;
    }
  }
  return loss;
}

void SegmentStore::retire_file(const SegmentPtr& segment) {
  if (segment->damaged) return quarantine(segment->path);
  const auto free = context_.dir() / free_name(segment->number);
  // No sync: if the power fails now the file comes back under its old name, below STATE's first segment.
  if (context_.files.rename(segment->path, free)) pool_.give(free, segment->file_bytes);
}

void SegmentStore::discard(const SegmentPtr& segment, bool blocks_in_doubt) {
  catalog_.remove(segment);
  if (blocks_in_doubt) return quarantine(segment->path);
  static_cast<void>(context_.files.remove(segment->path));
}

// Damaged files, and files on blocks that failed, are kept out of use but not for ever.
void SegmentStore::quarantine(const std::filesystem::path& path) {
  static_cast<void>(context_.files.rename(path, context_.quarantine() / path.filename()));
  auto names = context_.files.list(context_.quarantine());
  if (!names || names->size() <= quarantine_files) return;
  std::ranges::sort(*names);
  for (std::size_t i = 0; i + quarantine_files < names->size(); ++i) {
    static_cast<void>(context_.files.remove(context_.quarantine() / (*names)[i]));
  }
}

Result<void> SegmentStore::replace_dense(const SegmentPtr& old, const std::filesystem::path& fresh,
                                         std::uint64_t bytes) {
  auto segment = std::make_shared<Segment>();
  segment->number = old->number;
  segment->base = old->base;
  segment->dense = true;
  segment->path = context_.dir() / to_text(SegmentName{old->number, old->base, true});
  segment->file_bytes = bytes;
  segment->readable = bytes;
  auto done = context_.files.rename(fresh, segment->path);
  if (done) done = context_.files.sync_dir(context_.dir());
  if (!done) return done;
  catalog_.replace(old, segment);
  retire_file(old);
  return {};
}

bool SegmentStore::prepare_step() {
  if (!wants_to_prepare()) return false;
  if (pool_.empty() && !space_for_new_file()) {
    may_prepare_ = false;
    return false;
  }
  if (!pool_.fill_step(pool_.empty() ? new_number() : 0)) may_prepare_ = false;
  return may_prepare_;
}

}  // namespace weather::log
