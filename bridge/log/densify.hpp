// Commits of few records leave most of each 4 KiB block empty. When a backlog builds up, sealed segments that
// are more than half padding are rewritten once into large frames: same number, same sequences, a third of
// the space or less. In steps, so that no commit waits for long. Log thread only.
#pragma once

#include <memory>
#include <optional>

#include "bridge/log/batch.hpp"
#include "bridge/log/frame_reader.hpp"
#include "bridge/log/segment_store.hpp"

namespace weather::log {

class Densifier {
 public:
  Densifier(Context& context, Catalog& catalog, CursorSet& cursors, SegmentStore& store);

  // There is one sealed segment more.
  void look() { look_ = true; }
  // One step of work; false: nothing to do.
  bool step();

 private:
  enum class Phase : std::uint8_t { idle, measure, rewrite };
  bool choose();
  bool begin_pass(Phase phase);
  bool measure_step();
  bool rewrite_step();
  bool take_frame();
  Result<void> create();
  Result<void> flush();
  Result<void> finish();
  void give_up();

  Context& context_;
  Catalog& catalog_;
  CursorSet& cursors_;
  SegmentStore& store_;

  bool look_ = true;
  Phase phase_ = Phase::idle;
  std::optional<Catalog::Place> place_;
  std::optional<FrameReader> frames_;
  Sequence next_ = 0;  // sequence expected next in the source
  std::uint64_t body_bytes_ = 0;
  std::filesystem::path path_;
  std::unique_ptr<File> file_;
  std::uint32_t salt_ = 0, last_crc_ = 0;
  std::uint64_t offset_ = 0;
  Batch batch_;
};

}  // namespace weather::log
