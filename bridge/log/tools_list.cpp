#include "bridge/log/frame_reader.hpp"
#include "bridge/log/tools_snapshot.hpp"

namespace weather::log {
namespace {

void add_records(SegmentInfo& info, const FrameReader& frames, Sequence end) {
  auto body = frames.body();
  std::optional<std::vector<std::byte>> plain;
  if (frames.header().codec == Codec::zstd) {
    if (plain = unpack_body(body); !plain) return;
    body = *plain;
  }
  RecordWalker walker(frames.header(), body);
  for (Entry entry; walker.next(entry);) {
    if (entry.sequence >= end) break;
    ++info.records;
    info.payload_bytes += entry.payload.size();
    if (info.from_ns == 0) info.from_ns = entry.time_ns;
    info.to_ns = entry.time_ns;
  }
}

void read_segment(SegmentInfo& info, const Snapshot& snapshot, const Catalog::Place& place) {
  auto file = snapshot.context.files.open(place.segment->path, Mode::read);
  if (!file) return;
  FrameReader frames(std::move(*file), place.segment->number, snapshot.context.seed);
  frames.set_end(place.readable);
  frames.set_skip_unreadable(true);
  for (auto step = frames.step(); step && *step != FrameReader::Step::end; step = frames.step()) {
    if (*step != FrameReader::Step::frame || frames.header().first >= place.end) continue;
    ++info.frames;
    info.used_bytes = frames.offset();
    add_records(info, frames, place.end);
  }
}

}  // namespace

Result<Listing> list_log(const std::filesystem::path& dir, Files& files, bool read_segments,
                         const Progress& progress) {
  const auto taken = take_snapshot(dir, files);
  if (!taken) return fail(taken.error());
  const auto& snapshot = **taken;
  const auto view = snapshot.catalog->view();
  Listing listing;
  listing.id = to_text(snapshot.context.id);
  listing.folder = snapshot.context.dir();
  listing.running = snapshot.running;
  listing.closed_in_order = snapshot.clean;
  listing.first = view.first;
  listing.durable = view.end - 1;
  listing.free_files = snapshot.free_files;
  listing.quarantined_files = snapshot.quarantined_files;
  listing.bytes = snapshot.file_bytes;
  listing.cursors = snapshot.cursors;
  listing.drops = view.drops;
  std::uint64_t done = 0;
  for (const auto& place : snapshot.catalog->all()) {
    SegmentInfo info;
    info.name = place.segment->path.filename().string();
    info.number = place.segment->number;
    info.first = place.segment->base;
    info.last = place.end - 1;
    info.file_bytes = place.segment->file_bytes;
    info.dense = place.segment->dense;
    if (read_segments) read_segment(info, snapshot, place);
    listing.segments.push_back(std::move(info));
    done += place.segment->file_bytes;
    if (progress) progress(done, snapshot.file_bytes);
  }
  return listing;
}

}  // namespace weather::log
