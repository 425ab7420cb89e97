#include <algorithm>

#include "bridge/log/frame_reader.hpp"
#include "bridge/log/positions.hpp"
#include "bridge/log/segment_header.hpp"
#include "bridge/log/tools_snapshot.hpp"

namespace weather::log {
namespace {

std::string range(Sequence first, Sequence last) {
  return first == last ? "record " + std::to_string(first)
                       : "records " + std::to_string(first) + " to " + std::to_string(last);
}

// Reads every byte of one segment that a writer of this format may have left there.
class SegmentVerifier {
 public:
  SegmentVerifier(Snapshot& snapshot, const Catalog::Place& place, Verification& result)
      : s_(snapshot), place_(place), result_(result), next_(place.segment->base) {}

  Result<void> run() {
    auto file = s_.context.files.open(place_.segment->path, Mode::read);
    if (!file && file.error() != std::errc::no_such_file_or_directory) return fail(file.error());
    if (file) {
      std::optional<std::uint32_t> salt = check_header(**file);
      FrameReader frames(std::move(*file), place_.segment->number, s_.context.seed);
      if (salt) frames.set_salt(*salt);
      frames.set_end(place_.readable);
      frames.set_skip_unreadable(true);
      walk(frames);
    }
    if (next_ < place_.end) lose(place_.end, bad_frame_ ? skipped_ : 0);
    ++result_.segments;
    result_.bytes += place_.segment->file_bytes;
    return {};
  }

 private:
  void finding(Verdict verdict, std::uint64_t offset, const std::string& text) {
    result_.findings.push_back({verdict, place_.segment->path.filename().string(), offset, text});
  }

  std::optional<std::uint32_t> check_header(File& file) {
    const auto block = read_block(file, 0);
    const auto header = block ? decode_segment_header(*block) : fail_header();
    if (header && header->number == place_.segment->number && header->base == place_.segment->base &&
        header->log == s_.context.id) {
      return header->salt;
    }
    finding(Verdict::damage, 0,
            header ? "the header belongs to another segment or log"
                   : "the header is unreadable; its frames are read all the same");
    return std::nullopt;
  }
  static Result<SegmentHeader> fail_header() { return fail(Errc::corrupt); }

  void walk(FrameReader& frames) {
    for (auto step = frames.step(); step && *step != FrameReader::Step::end; step = frames.step()) {
      switch (*step) {
        case FrameReader::Step::frame:
          check_frame(frames);
          break;
        case FrameReader::Step::bad_body:
          bad(frames.frame_offset(), frames.skipped_bytes(), frames.header().first, true);
          previous_crc_ = frames.header_crc();
          break;
        case FrameReader::Step::skipped:
          bad(frames.skipped_from(), frames.skipped_bytes(), 0, frames.skipped_a_frame());
          break;
        case FrameReader::Step::end:
          break;
      }
    }
    // Behind the last record there may be anything: zeros, an earlier life of the file, a torn write.
    if (next_ < place_.end && bad_frame_) report_bad();
  }

  // Bytes that are no frame: damage only if records are missing there or frames follow.
  void bad(std::uint64_t offset, std::uint64_t bytes, Sequence first, bool frame) {
    if (first >= place_.end) return;
    if (skipped_ == 0) skipped_from_ = offset;
    skipped_ += bytes;
    bad_frame_ = bad_frame_ || frame;
  }

  void report_bad() {
    if (skipped_ == 0) return;
    finding(Verdict::damage, skipped_from_, std::to_string(skipped_) + " bytes are damaged");
  }

  void check_frame(const FrameReader& frames) {
    const auto& header = frames.header();
    if (header.first >= place_.end) return;  // a write that failed and was done again in the next segment
    report_bad();
    if (header.first > next_) lose(header.first, skipped_);
    if (header.first < next_) finding(Verdict::damage, frames.frame_offset(), "a frame that is out of order");
    const bool gap = skipped_ != 0;
    skipped_ = 0;
    bad_frame_ = false;
    if (!gap && previous_crc_ && header.previous_crc != *previous_crc_) {
      finding(Verdict::damage, frames.frame_offset(), "the frame does not follow the one before it");
    }
    previous_crc_ = frames.header_crc();
    const auto padding = frames.padding();
    const bool positions_good =
        header.position_bytes == 0 || decode_positions(header, s_.context.seed, frames.positions());
    if (!positions_good ||
        std::ranges::any_of(padding, [](std::byte byte) { return byte != std::byte{0}; })) {
      finding(Verdict::damage, frames.frame_offset(),
              "damaged behind its last record; no record is concerned");
    }
    check_records(frames);
    ++result_.frames;
    next_ = std::max(next_, std::min(header.last() + 1, place_.end));
    good_until_ = frames.offset();
  }

  void check_records(const FrameReader& frames) {
    auto body = frames.body();
    std::optional<std::vector<std::byte>> plain;
    if (frames.header().codec == Codec::zstd) {
      plain = unpack_body(body);
      body = plain ? std::span<const std::byte>(*plain) : std::span<const std::byte>{};
    }
    RecordWalker walker(frames.header(), body);
    std::uint64_t records = 0;
    for (Entry entry; walker.next(entry);) ++records;
    result_.records += records;
    if (walker.damaged()) finding(Verdict::damage, frames.frame_offset(), "records that do not parse");
  }

  void lose(Sequence end, std::uint64_t bytes) {
    const Loss loss{.first = next_,
                    .last = end - 1,
                    .records = end - next_,
                    .bytes = bytes,
                    .reason = bytes > 0 ? LossReason::damaged : LossReason::missing};
    finding(verdict_of(loss), bytes > 0 ? skipped_from_ : good_until_,
            range(next_, end - 1) + (bytes > 0 ? " unreadable" : " missing"));
    result_.lost.push_back(loss);
    next_ = end;
  }

  Snapshot& s_;
  const Catalog::Place& place_;
  Verification& result_;
  Sequence next_;
  std::uint64_t good_until_ = block_bytes;  // the end of the last frame that could be read
  std::uint64_t skipped_from_ = 0, skipped_ = 0;
  bool bad_frame_ = false;  // among what was skipped
  std::optional<std::uint32_t> previous_crc_ = 0;
};

// Beside a running gateway a segment may be released while it is read: then nothing found in it counts.
bool released_meanwhile(const Snapshot& snapshot, std::uint64_t number) {
  if (!snapshot.running) return false;
  const auto now = take_snapshot(snapshot.context.dir(), snapshot.context.files);
  return now && (*now)->state.first_segment > number;
}

void check_ends(const Snapshot& snapshot, Verification& result) {
  const auto view = snapshot.catalog->view();
  const auto front = snapshot.catalog->front();
  const auto begin = front ? front->segment->base : view.end;
  if (view.first < begin) {
    result.lost.push_back({.first = view.first,
                           .last = begin - 1,
                           .records = begin - view.first,
                           .reason = LossReason::missing});
    result.findings.push_back(
        {Verdict::loss, "", 0, range(view.first, begin - 1) + " missing: a segment file is gone"});
  }
  if (snapshot.tail.torn_bytes > 0 && !snapshot.running) {
    result.findings.push_back(
        {Verdict::torn_tail, snapshot.catalog->all().back().segment->path.filename().string(),
         snapshot.catalog->all().back().segment->readable,
         std::to_string(snapshot.tail.torn_bytes) +
             " bytes at the end were never acknowledged; the next start discards them"});
  }
}

}  // namespace

Result<Verification> verify_log(const std::filesystem::path& dir, Files& files, const Progress& progress) {
  const auto taken = take_snapshot(dir, files);
  if (!taken) return fail(taken.error());
  auto& snapshot = **taken;
  Verification result;
  result.running = snapshot.running;
  result.findings = snapshot.findings;
  check_ends(snapshot, result);
  for (const auto& place : snapshot.catalog->all()) {
    const auto findings = result.findings.size();
    const auto losses = result.lost.size();
    if (auto done = SegmentVerifier(snapshot, place, result).run(); !done) return fail(done.error());
    if (result.findings.size() > findings && released_meanwhile(snapshot, place.segment->number)) {
      result.findings.resize(findings);
      result.lost.resize(losses);
    }
    if (progress) progress(result.bytes, snapshot.file_bytes);
  }
  for (const auto& finding : result.findings) result.verdict = worst(result.verdict, finding.verdict);
  return result;
}

}  // namespace weather::log
