#include "bridge/log/recovery.hpp"

#include <algorithm>
#include <map>
#include <utility>

#include "bridge/log/bytes.hpp"
#include "bridge/log/frame_reader.hpp"
#include "bridge/log/segment_header.hpp"
#include "bridge/log/tail_scan.hpp"

namespace weather::log {
namespace {

// The id as any segment header or STATE still tells it.
Result<std::optional<LogId>> find_id(Context& context) {
  SlotFile state(context.files, context.dir() / "STATE", state_magic);
  if (const auto loaded = state.load()) return loaded->log;
  const auto names = context.files.list(context.dir());
  if (!names) return fail(names.error());
  for (const auto& name : *names) {
    if (!parse_segment_name(name)) continue;
    auto file = context.files.open(context.dir() / name, Mode::read);
    if (!file) continue;
    const auto block = read_block(**file, 0);
    if (!block) continue;
    const auto header = decode_segment_header(*block);
    if (header) return header->log;
    if (header.error() == Errc::newer) return fail((*file)->error_at(Errc::newer, 0));
  }
  return std::nullopt;
}

// As STATE has it, which each opening writes; without one LOG, which is as old as the log.
std::uint16_t found_format(const Context& context) {
  for (const auto& [name, magic] : {std::pair("STATE", state_magic), std::pair("LOG", identity_magic)})
    if (const auto loaded = SlotFile(context.files, context.dir() / name, magic).load())
      return loaded->format;
  return oldest_format;
}

LogId make_id(const Options& options) {
  std::random_device system;
  std::mt19937 seeded(static_cast<std::uint32_t>(options.random_seed));
  LogId id{};
  for (std::size_t i = 0; i < id.size(); i += 4) {
    put(&id[i], static_cast<std::uint32_t>(options.random_seed != 0 ? seeded() : system()));
  }
  return id;
}

}  // namespace

Recoverer::Recoverer(Context& context, Catalog& catalog, CursorSet& cursors, SegmentStore& store)
    : context_(context), catalog_(catalog), cursors_(cursors), store_(store) {}

Result<bool> Recoverer::identify(Context& context) {
  if (context.options.keep_format) context.format = found_format(context);
  SlotFile file(context.files, context.dir() / "LOG", identity_magic);
  const auto loaded = file.load();
  if (loaded && !loaded->other_damaged) {
    context.id = loaded->log;
  } else if (loaded) {
    context.id = loaded->log;
    SlotBlock block = loaded->block;
    if (auto stored = file.replace(context.id, block, context.format); !stored) return fail(stored.error());
  } else if (loaded.error() == Errc::not_found || loaded.error() == Errc::corrupt) {
    const auto found = find_id(context);
    if (!found) return fail(found.error());
    context.id = found->value_or(make_id(context.options));
    SlotBlock block{};
    put(&block[slot_header_bytes], context.clock.wall_ns());
    if (auto stored = file.replace(context.id, block, context.format); !stored) return fail(stored.error());
  } else {
    return fail(loaded.error());
  }
  context.seed = frame_seed(context.id);
  const auto space = context.files.space(context.dir());
  return space && space->volatile_storage;
}

Result<RecoveredState> Recoverer::run() {
  auto& state = found_.state;
  auto& report = found_.report;
  if (auto done = load_state(); !done) return fail(done.error());
  if (auto done = cursors_.load(report.reset_cursors); !done) return fail(done.error());
  if (auto done = list_segments(); !done) return fail(done.error());
  report.clean = state.clean && !state_rebuilt_;
  proven_ = std::max({proven_, state.durable, cursors_.proven()});
  if (report.clean) {
    if (auto done = resume_clean(); !done) return fail(done.error());
  } else if (auto done = scan_last(); !done) {
    return fail(done.error());
  }
  for (const auto& lost : report.lost) count_lost(state, lost.first, lost.last);
  state.torn_tails += report.torn_bytes > 0 ? 1 : 0;
  state.clean = false;
  ++state.opens;
  return std::move(found_);
}

Result<void> Recoverer::load_state() {
  auto loaded = store_.load_state();
  if (!loaded) return fail(loaded.error());
  state_rebuilt_ = !loaded->has_value();
  found_.state = std::move(*loaded).value_or(State{});
  return {};
}

Result<void> Recoverer::list_segments() {
  const auto names = context_.files.list(context_.dir());
  if (!names) return fail(names.error());
  auto& state = found_.state;
  std::map<std::uint64_t, std::vector<std::pair<SegmentName, std::string>>> segments;
  std::vector<std::filesystem::path> left_overs;
  for (const auto& name : *names) {
    const auto path = context_.dir() / name;
    if (name.ends_with(".tmp")) static_cast<void>(context_.files.remove(path));
    if (const auto number = parse_free_name(name)) {
      state.next_segment = std::max(state.next_segment, *number + 1);
      left_overs.push_back(path);
    }
    const auto parsed = parse_segment_name(name);
    if (!parsed) continue;
    state.next_segment = std::max(state.next_segment, parsed->number + 1);
    if (parsed->number >= state.first_segment) {
      segments[parsed->number].emplace_back(*parsed, name);
    } else {
      // Released before the power went, the renaming was not durable yet.
      const auto free = context_.dir() / free_name(parsed->number);
      if (context_.files.rename(path, free)) left_overs.push_back(free);
    }
  }
  const auto size_of = [this](const std::filesystem::path& path) -> std::uint64_t {
    auto file = context_.files.open(path, Mode::read);
    if (!file) return 0;
    return (*file)->size().value_or(0);
  };
  // After a kill -9 names may be in the cache only. What a removal relies on is there for good before it.
  const bool replaced = std::ranges::any_of(segments, [](const auto& one) { return one.second.size() > 1; });
  const bool names_stay = !replaced || context_.files.sync_dir(context_.dir());
  for (auto& [number, versions] : segments) {
    // A dense rewrite is complete if it has its name; what it replaces is a left-over.
    std::ranges::sort(versions, [](const auto& a, const auto& b) { return a.first.dense > b.first.dense; });
    for (std::size_t i = 1; names_stay && i < versions.size(); ++i) {
      static_cast<void>(context_.files.remove(context_.dir() / versions[i].second));
    }
    const auto& [name, text] = versions.front();
    auto segment = std::make_shared<Segment>();
    segment->number = number;
    segment->base = name.base;
    segment->dense = name.dense;
    segment->path = context_.dir() / text;
    segment->file_bytes = size_of(segment->path);
    segment->readable = segment->file_bytes.load();
    catalog_.add(std::move(segment));
  }
  std::ranges::sort(left_overs);
  left_overs.erase(std::unique(left_overs.begin(), left_overs.end()), left_overs.end());
  for (const auto& path : left_overs) store_.pool().adopt(path, size_of(path));
  if (const auto front = catalog_.front(); state_rebuilt_ && front) state.first = front->segment->base;
  catalog_.set_first(state.first, state.drops);
  return {};
}

// Closed in order: go on where STATE says, without reading a frame.
Result<void> Recoverer::resume_clean() {
  const auto& state = found_.state;
  catalog_.set_end(proven_ + 1);
  const auto places = catalog_.all();
  if (places.empty() || places.back().segment->number != state.active_segment) return {};
  const auto segment = places.back().segment;
  segment->readable = std::min<std::uint64_t>(state.active_offset, segment->file_bytes);
  if (segment->dense || segment->file_bytes < state.active_offset || proven_ != state.durable) return {};
  auto file = context_.files.open(segment->path, Mode::write);
  if (!file) return {};  // readable or not is the reader's matter; appends go into a new segment
  const auto block = read_block(**file, 0);
  if (!block) return {};
  const auto header = decode_segment_header(*block);
  if (!header || header->number != segment->number || header->log != context_.id) return {};
  const auto extent = segment->file_bytes.load();
  segment->file_bytes = std::max<std::uint64_t>(extent, header->bytes);
  found_.active =
      Active{segment, std::move(*file), header->salt, state.active_offset, state.active_crc, extent};
  return {};
}

Result<void> Recoverer::scan_last() {
  // A last segment without a single record is taken out; then the one before it is the last.
  for (int scanned = 0; scanned < 2; ++scanned) {
    const auto places = catalog_.all();
    if (places.empty()) break;
    const auto used = scan(places.back().segment);
    if (!used) return fail(used.error());
    if (*used) return {};
  }
  if (catalog_.end() <= proven_) {
    if (catalog_.size() == 0) {
      const auto from = std::max(found_.state.first, Sequence{1});
      if (from <= proven_)
        found_.report.lost.push_back({.first = from, .last = proven_, .file = context_.dir().string()});
    }
    catalog_.set_end(proven_ + 1);
  }
  return {};
}

// True: the log ends in this segment.
Result<bool> Recoverer::scan(const SegmentPtr& segment) {
  auto& report = found_.report;
  ++report.scanned_segments;
  proven_ = std::max(proven_, segment->base - 1);
  auto file = context_.files.open(segment->path, Mode::write);
  if (!file) file = context_.files.open(segment->path, Mode::read);
  TailScan scan;
  bool in_doubt = false;
  if (file) {
    // After a kill -9 the last frames may be in the page cache only: no record is shown before it is on the
    // card. Nor one that a failed sync of the killed process left in the cache, marked clean.
    in_doubt = !(*file)->sync_data();
    if (!in_doubt) (*file)->drop_cached();
    auto scanned = scan_tail(std::move(*file), context_.seed, segment->number, segment->base, proven_);
    if (!scanned) return fail(scanned.error());
    scan = std::move(*scanned);
  } else {
    scan.tail = judge_tail({}, segment->base, proven_);
  }
  cursors_.restore(scan.positions);
  const auto& tail = scan.tail;
  report.scanned_bytes += scan.scanned_bytes;
  report.torn_bytes += tail.torn_bytes;
  if (tail.end_offset == 0 && tail.next == segment->base) {
    set_aside(segment, scan.salt.has_value());
    return false;
  }
  for (auto lost : tail.lost) {
    lost.file = segment->path.string();
    report.lost.push_back(std::move(lost));
  }
  catalog_.set_readable(segment, std::max<std::uint64_t>(tail.end_offset, block_bytes), tail.next);
  if (!tail.lost.empty()) segment->damaged = true;
  if (in_doubt) rescue_unsynced(segment, tail);
  return true;
}

// A segment without a record: its file is used again, unless it is not even certain what it was.
void Recoverer::set_aside(const SegmentPtr& segment, bool header_good) {
  const auto free = context_.dir() / free_name(segment->number);
  if (header_good && context_.files.rename(segment->path, free)) {
    catalog_.remove(segment);
    store_.pool().adopt(free, segment->file_bytes);
    return;
  }
  store_.discard(segment, true);
  ++found_.report.quarantined_segments;
}

// The card refused to sync what a killed process had written: what is readable but in doubt goes into a new
// segment.
void Recoverer::rescue_unsynced(const SegmentPtr& segment, const Tail& tail) {
  auto file = context_.files.open(segment->path, Mode::read);
  if (!file) return;
  FrameReader reader(std::move(*file), segment->number, context_.seed);
  reader.set_end(std::max<std::uint64_t>(tail.end_offset, block_bytes));
  reader.set_skip_unreadable(true);
  Batch batch;
  std::uint64_t keep = block_bytes;
  for (auto step = reader.step(); step && *step != FrameReader::Step::end; step = reader.step()) {
    if (*step != FrameReader::Step::frame) continue;
    if (reader.header().last() <= tail.proven) {
      keep = reader.offset();
    } else {
      batch.add_stored(reader.header(), reader.body());
    }
  }
  if (batch.empty()) return;
  catalog_.set_readable(segment, keep, batch.frames().front().header.first);
  found_.rescued = std::move(batch);
}

}  // namespace weather::log
