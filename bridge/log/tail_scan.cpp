#include "bridge/log/tail_scan.hpp"

#include <algorithm>
#include <utility>

#include "bridge/log/bytes.hpp"
#include "bridge/log/frame_reader.hpp"
#include "bridge/log/segment_header.hpp"

namespace weather::log {
namespace {

// A frame that was begun here and whose header did not arrive whole.
bool torn_header(std::span<const std::byte> block, std::uint64_t number, std::uint32_t salt) {
  return has_frame_mark(block) && get<std::uint64_t>(&block[8]) == number &&
         get<std::uint32_t>(&block[32]) == salt;
}

void keep_newest(std::vector<Position> found, std::vector<Position>& newest) {
  for (auto& position : found) {
    const auto known = std::ranges::find(newest, position.name, &Position::name);
    if (known == newest.end()) {
      newest.push_back(std::move(position));
    } else if (position.turn > known->turn) {
      *known = std::move(position);
    }
  }
}

}  // namespace

Result<TailScan> scan_tail(std::unique_ptr<File> file, std::uint32_t seed, std::uint64_t number,
                           Sequence base, Sequence proven) {
  TailScan scan;
  if (const auto block = read_block(*file, 0)) {
    const auto header = decode_segment_header(*block);
    if (!header && header.error() == Errc::newer) return fail(file->error_at(Errc::newer, 0));
    if (header && header->number == number) scan.salt = header->salt;
  }
  scan.scanned_bytes = file->size().value_or(0);
  File& raw = *file;
  FrameReader reader(std::move(file), number, seed);
  if (scan.salt) reader.set_salt(*scan.salt);
  reader.set_end(scan.scanned_bytes);
  reader.set_skip_unreadable(true);
  std::vector<FrameMark> frames;
  std::uint64_t torn_bytes = 0;
  for (auto step = reader.step(); step && *step != FrameReader::Step::end; step = reader.step()) {
    if (*step == FrameReader::Step::skipped) {
      const auto block = read_block(raw, reader.skipped_from());
      if (block && reader.salt() && torn_header(*block, number, *reader.salt())) torn_bytes += block_bytes;
      continue;
    }
    const auto& header = reader.header();
    frames.push_back({reader.frame_offset(), header.size(), header.first, header.last(), header.durable,
                      reader.header_crc(), *step == FrameReader::Step::frame});
    // What was delivered stays delivered, whether or not the records of this frame count.
    if (auto found = decode_positions(header, seed, reader.positions()))
      keep_newest(std::move(*found), scan.positions);
  }
  scan.tail = judge_tail(frames, base, proven);
  if (scan.tail.lost.empty()) scan.tail.torn_bytes += torn_bytes;  // else it is part of what was lost
  return scan;
}

}  // namespace weather::log
