#include "bridge/log/frame_reader.hpp"
#include "bridge/log/manual.hpp"
#include "bridge/log/segment_header.hpp"
#include "bridge/log/slot_file.hpp"
#include "bridge/log/tools_snapshot.hpp"

namespace weather::log {
namespace {

class Repairer {
 public:
  Repairer(Snapshot& snapshot, Repair& result, bool dry_run)
      : s_(snapshot), result_(result), dry_run_(dry_run) {}

  Result<void> run() {
    if (auto done = set_aside_cursors(); !done) return done;
    return set_aside_segments();
  }

 private:
  Result<void> move(const std::filesystem::path& relative, const std::string& why) {
    const auto name = relative.filename();
    result_.actions.push_back("move " + relative.string() + " to quarantine/: " + why);
    if (dry_run_) return {};
    const auto folder = s_.context.quarantine();
    if (auto made = s_.context.files.make_dir(folder); !made) return made;
    if (auto moved = s_.context.files.rename(s_.context.dir() / relative, folder / name); !moved)
      return moved;
    if (auto synced = s_.context.files.sync_dir(folder); !synced) return synced;
    return s_.context.files.sync_dir((s_.context.dir() / relative).parent_path());
  }

  Result<void> set_aside_cursors() {
    const auto names = s_.context.files.list(s_.context.cursors());
    if (!names) return {};
    for (const auto& name : *names) {
      if (!name.ends_with(".cur")) continue;
      const auto loaded = SlotFile(s_.context.files, s_.context.cursors() / name, cursor_magic).load();
      if (loaded && loaded->log == s_.context.id) continue;
      const auto why =
          loaded ? "it belongs to another log" : "unreadable; it will start again at the oldest record";
      if (auto moved = move(std::filesystem::path("cursors") / name, why); !moved) return moved;
    }
    return {};
  }

  // Segments of which no record can be read: an unreadable header and not one frame, or another log's.
  Result<void> set_aside_segments() {
    for (const auto& place : s_.catalog->all()) {
      auto file = s_.context.files.open(place.segment->path, Mode::read);
      if (!file) continue;
      const auto block = read_block(**file, 0);
      const auto header = block ? decode_segment_header(*block) : Result<SegmentHeader>(fail(Errc::corrupt));
      if (header && header->log == s_.context.id && header->number == place.segment->number) continue;
      FrameReader frames(std::move(*file), place.segment->number, s_.context.seed);
      frames.set_end(place.segment->file_bytes);
      frames.set_skip_unreadable(true);
      bool any = false;
      for (auto step = frames.step(); step && *step != FrameReader::Step::end && !any; step = frames.step()) {
        any = *step == FrameReader::Step::frame;
      }
      if (any) continue;
      const auto why =
          header ? "it belongs to another log or segment" : "neither its header nor any frame is readable";
      if (auto moved = move(place.segment->path.filename(), why); !moved) return moved;
    }
    return {};
  }

  Snapshot& s_;
  Repair& result_;
  bool dry_run_;
};

}  // namespace

Result<Repair> repair_log(const std::filesystem::path& dir, Files& files, Clock& clock, bool dry_run,
                          const Progress& progress) {
  const auto verified = verify_log(dir, files, progress);
  if (!verified) return fail(verified.error());
  if (verified->running) return fail(Errc::locked);
  const auto taken = take_snapshot(dir, files);
  if (!taken) return fail(taken.error());
  auto& snapshot = **taken;
  Repair result;
  result.verdict = verified->verdict;
  if (auto done = Repairer(snapshot, result, dry_run).run(); !done) return fail(done.error());
  for (const auto& finding : snapshot.findings) {
    if (finding.file == "LOG" || finding.file == "STATE") result.actions.push_back("rebuild " + finding.file);
  }
  if (!snapshot.clean) result.actions.emplace_back("recover the log and mark it closed in order");
  if (dry_run || result.actions.empty()) return result;
  // Opening is the repair of everything else: it rebuilds LOG and STATE and judges the tail.
  Options options;
  options.dir = snapshot.context.dir();
  options.cursors.clear();
  for (const auto& cursor : snapshot.cursors) options.cursors.push_back(cursor.name);
  options.max_bytes = ~std::uint64_t{0} / 2;
  auto log = open_manual(options, files, clock);
  if (!log) return fail(log.error());
  if (auto closed = (*log)->close(); !closed) return fail(closed.error());
  return result;
}

}  // namespace weather::log
