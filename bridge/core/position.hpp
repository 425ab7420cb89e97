// Where a route stands in the log: a watermark, and with order = "live_first" the ranges beyond it that
// have a fate already because the newest records were sent first. Pure; one thread.
#pragma once

#include "bridge/core/window.hpp"
#include "bridge/log/log.hpp"

namespace weather::bridge {

class Position {
 public:
  explicit Position(log::Cursor cursor = {}) : cursor_(std::move(cursor)) {}

  const log::Cursor& cursor() const { return cursor_; }
  log::Sequence next() const { return cursor_.next; }

  // The backlog's part: its watermark moves. What it moves over, or into (a loss spans a range), is counted
  // in.
  void advance(const Window::Advance& by);
  // Where the backlog stops: the first record beyond next() with a fate; the largest number if there is none.
  log::Sequence stop() const;
  // The watermark stands at a range that is complete: goes on behind it. False: it does not.
  bool pass();
  // How many of these records are in a range, and so have a fate of their own.
  std::uint64_t overlap(log::Sequence first, log::Sequence last) const;

  // The live part: one range at a time grows. False: there are as many as the log keeps.
  bool open_live(log::Sequence at);
  void advance_live(const Window::Advance& by);
  void close_live();  // it is complete; an empty one is forgotten
  bool live() const { return live_; }
  bool stops_at_live() const { return live_ && cursor_.delivered_ranges.size() == 1; }

  std::uint64_t waiting(log::Sequence durable) const;
  log::Cursor total() const;  // the counts of the watermark and of all ranges together

 private:
  void absorb();
  log::Cursor cursor_;
  bool live_ = false;  // the last range grows
};

}  // namespace weather::bridge
