#include "bridge/log/tools_snapshot.hpp"

#include <algorithm>
#include <map>

#include "bridge/log/frame_reader.hpp"
#include "bridge/log/segment_header.hpp"
#include "bridge/log/slot_file.hpp"
#include "bridge/log/tail_scan.hpp"

namespace weather::log {
namespace {

bool is_log(const std::vector<std::string>& names) {
  return std::ranges::any_of(names, [](const auto& name) {
    return name == "LOG" || name == "STATE" || parse_segment_name(name).has_value();
  });
}

Result<std::filesystem::path> find_folder(const std::filesystem::path& dir, Files& files) {
  for (const auto& folder : {dir, dir / "log"}) {
    const auto names = files.list(folder);
    if (names && is_log(*names)) return folder;
  }
  return fail(Errc::not_found);
}

class Taker {
 public:
  explicit Taker(Snapshot& snapshot) : s_(snapshot) {}

  Result<void> take() {
    const auto names = s_.context.files.list(s_.context.dir());
    if (!names) return fail(names.error());
    names_ = *names;
    // Only a file that is there is tried: a copied card must stay as it is.
    if (std::ranges::count(names_, "LOCK") > 0) {
      const auto lock = s_.context.files.lock(s_.context.dir() / "LOCK");
      s_.running = !lock && lock.error() == Errc::locked;
    }
    if (auto done = load_state(); !done) return done;
    if (auto done = load_identity(); !done) return done;
    if (auto done = load_cursors(); !done) return done;
    add_segments();
    return find_end();
  }

 private:
  void finding(Verdict verdict, const std::string& file, const std::string& text, std::uint64_t offset = 0) {
    s_.findings.push_back({verdict, file, offset, text});
  }
  // A slot whose twin is fine: what a power cut during its write leaves, unless the log was closed in order.
  void half_damaged(const std::string& file, std::uint64_t offset) {
    finding(s_.clean ? Verdict::damage : Verdict::torn_tail, file,
            "one of its two copies is unreadable; the other is used", offset);
  }

  Result<void> load_state() {
    SlotFile file(s_.context.files, s_.context.dir() / "STATE", state_magic);
    const auto loaded = file.load();
    if (!loaded && loaded.error() == Errc::newer) return fail(loaded.error());
    if (!loaded) {
      finding(Verdict::damage, "STATE",
              "unreadable; what it held is found out from the segments at the next start");
      return {};
    }
    s_.state = decode_state(loaded->payload());
    s_.clean = s_.state.clean;
    s_.context.id = loaded->log;
    if (loaded->other_damaged && !s_.running) half_damaged("STATE", loaded->damaged_at);
    return {};
  }

  Result<void> load_identity() {
    SlotFile file(s_.context.files, s_.context.dir() / "LOG", identity_magic);
    const auto loaded = file.load();
    if (!loaded && loaded.error() == Errc::newer) return fail(loaded.error());
    if (loaded) {
      s_.context.id = loaded->log;
      if (loaded->other_damaged)
        finding(Verdict::damage, "LOG", "one of its two copies is unreadable", loaded->damaged_at);
    } else {
      finding(Verdict::damage, "LOG", "unreadable; the log's id is taken from its other files");
      if (s_.context.id == LogId{}) id_from_segments();
    }
    s_.context.seed = frame_seed(s_.context.id);
    return {};
  }

  void id_from_segments() {
    for (const auto& name : names_) {
      if (!parse_segment_name(name)) continue;
      auto file = s_.context.files.open(s_.context.dir() / name, Mode::read);
      if (!file) continue;
      const auto block = read_block(**file, 0);
      if (!block) continue;
      if (const auto header = decode_segment_header(*block)) s_.context.id = header->log;
    }
  }

  Result<void> load_cursors() {
    const auto names = s_.context.files.list(s_.context.cursors());
    if (!names) return {};
    for (const auto& name : *names) {
      if (!name.ends_with(".cur")) continue;
      SlotFile file(s_.context.files, s_.context.cursors() / name, cursor_magic);
      const auto loaded = file.load();
      const auto shown = "cursors/" + name;
      if (!loaded && loaded.error() == Errc::newer) return fail(loaded.error());
      if (!loaded) {
        finding(Verdict::damage, shown,
                "unreadable; this cursor will start again at the oldest record: duplicates");
        continue;
      }
      if (loaded->other_damaged && !s_.running) half_damaged(shown, loaded->damaged_at);
      const auto slot = decode_cursor(loaded->payload());
      s_.cursors.push_back({name.substr(0, name.size() - 4), slot.cursor, slot.born, slot.written_ns});
      turns_[s_.cursors.back().name] = slot.turn;
      proven_ = std::max({proven_, slot.durable, slot.cursor.next - 1});
    }
    std::ranges::sort(s_.cursors, {}, &CursorInfo::name);
    return {};
  }

  void add_segments() {
    std::map<std::uint64_t, std::pair<SegmentName, std::string>> found;
    for (const auto& name : names_) {
      if (parse_free_name(name)) ++s_.free_files;
      const auto parsed = parse_segment_name(name);
      if (!parsed || parsed->number < s_.state.first_segment) continue;
      auto& entry = found[parsed->number];
      if (entry.second.empty() || parsed->dense) entry = {*parsed, name};
    }
    for (const auto& [number, item] : found) {
      auto segment = std::make_shared<Segment>();
      segment->number = number;
      segment->base = item.first.base;
      segment->dense = item.first.dense;
      segment->path = s_.context.dir() / item.second;
      if (auto file = s_.context.files.open(segment->path, Mode::read)) {
        segment->file_bytes = (*file)->size().value_or(0);
      }
      segment->readable = segment->file_bytes.load();
      s_.file_bytes += segment->file_bytes;
      s_.catalog->add(std::move(segment));
    }
    if (const auto names = s_.context.files.list(s_.context.quarantine()))
      s_.quarantined_files = names->size();
    const auto front = s_.catalog->front();
    s_.catalog->set_first(front ? std::max(s_.state.first, Sequence{1}) : s_.state.first, s_.state.drops);
  }

  Result<void> find_end() {
    auto proven = std::max(proven_, s_.state.durable);
    const auto places = s_.catalog->all();
    if (!places.empty()) {
      if (auto done = find_end_in(*places.back().segment, proven); !done) return done;
    }
    s_.catalog->set_end(proven + 1);
    return {};
  }

  Result<void> find_end_in(Segment& last, Sequence& proven) {
    if (s_.clean && last.number == s_.state.active_segment) {
      last.readable = std::min(s_.state.active_offset, last.file_bytes.load());
      return {};
    }
    proven = std::max(proven, last.base - 1);
    auto file = s_.context.files.open(last.path, Mode::read);
    if (!file) return {};
    const auto scan = scan_tail(std::move(*file), s_.context.seed, last.number, last.base, proven);
    if (!scan) return fail(scan.error());
    s_.tail = scan->tail;
    for (const auto& position : scan->positions) {
      const auto cursor = std::ranges::find(s_.cursors, position.name, &CursorInfo::name);
      if (cursor != s_.cursors.end() && position.turn > turns_[position.name])
        cursor->cursor = position.cursor;
    }
    proven = std::max(proven, scan->tail.next - 1);
    last.readable = std::max<std::uint64_t>(scan->tail.end_offset, block_bytes);
    return {};
  }

  Snapshot& s_;
  std::vector<std::string> names_;
  std::map<std::string, std::uint64_t> turns_;  // of the cursors' files
  Sequence proven_ = 0;
};

}  // namespace

Result<std::unique_ptr<Snapshot>> take_snapshot(const std::filesystem::path& dir, Files& files) {
  const auto folder = find_folder(dir, files);
  if (!folder) return fail(folder.error());
  auto snapshot = std::make_unique<Snapshot>(files);
  snapshot->context.options.dir = *folder;
  if (auto taken = Taker(*snapshot).take(); !taken) return fail(taken.error());
  return snapshot;
}

Verdict worst(Verdict a, Verdict b) {
  return std::max(a, b);
}

Verdict verdict_of(const Loss& loss) {
  switch (loss.reason) {
    case LossReason::damaged:
      return Verdict::damage;
    case LossReason::missing:
      return Verdict::loss;
    case LossReason::dropped_oldest:
    case LossReason::refused_newest:
      break;
  }
  return Verdict::clean;
}

Result<Sequence> cursor_position(const Snapshot& snapshot, const std::string& name) {
  for (const auto& cursor : snapshot.cursors) {
    if (cursor.name == name) return cursor.cursor.next;
  }
  return fail(Errc::not_found);
}

}  // namespace weather::log
