// The Reader of log.hpp over a catalog. One thread at a time.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "bridge/log/catalog.hpp"
#include "bridge/log/context.hpp"
#include "bridge/log/frame_reader.hpp"
#include "bridge/log/loss.hpp"

namespace weather::log {

class LogReader : public Reader {
 public:
  // Context and catalog must outlive the reader. on_damage is called for each damaged range found.
  LogReader(Context& context, std::shared_ptr<Catalog> catalog, Sequence from,
            std::function<void(const LostRange&)> on_damage);

  Result<std::span<const Entry>> read(std::size_t max_records, std::size_t max_bytes) override;
  Sequence position() const override { return position_; }
  void seek(Sequence next) override;

 private:
  enum class Found : std::uint8_t { segment, loss, nothing };
  Result<Found> locate();
  Result<bool> enter(const Catalog::Place& place);
  Result<bool> next_frame();
  bool begin_frame();
  bool finish_segment();
  void leave();
  void take_records(std::size_t max_records, std::size_t max_bytes);
  void emit_loss(const Loss& loss);
  void emit_gap(Sequence end, std::int64_t until_ns);
  LostRange lost_before(Sequence end) const;
  bool unreadable_for_good();

  Context& context_;
  std::shared_ptr<Catalog> catalog_;
  std::function<void(const LostRange&)> on_damage_;
  Sequence position_;

  SegmentPtr segment_;
  Sequence segment_end_ = 0;  // sequence after the last record of the segment
  bool segment_last_ = false;
  std::optional<FrameReader> frames_;
  std::uint64_t frames_end_ = 0;            // how far frames_ may go
  std::uint64_t skipped_bytes_ = 0;         // in this segment since the last good frame
  std::uint64_t good_until_ = block_bytes;  // in this segment: the end of the last good frame
  bool skipped_a_frame_ = false;
  int failed_reads_ = 0;

  bool frame_waits_ = false;  // a frame was read, the gap before it is given out first
  RecordWalker walker_;
  std::optional<std::vector<std::byte>> plain_;
  std::int64_t last_ns_ = 0;

  std::vector<Entry> entries_;
  std::size_t entry_bytes_ = 0;
  std::array<std::byte, loss_body_bytes> loss_{};
};

}  // namespace weather::log
