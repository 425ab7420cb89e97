// The log cut into stretches, each as summaries (summaries.hpp).
//
// A stretch is what was accepted, by the gateway's clock, within one period; a loss is one by itself. So it
// ends where the next record is of another period, or where that time has come; and for the memory's sake
// after 2^18 records or 4 MiB of summaries. Where it ends, nothing of it is still open, whatever event times
// its readings have: a reading that comes late is of a further summary of its period, in the stretch it came
// in. A cursor is kept between stretches only, and from there the same summaries are made again; unless a
// stretch that the clock ended goes on in the log, because the clock was set back, and the gateway dies
// before the cursor is kept.
#pragma once

#include <deque>
#include <set>

#include "bridge/thinning/summaries.hpp"
#include "bridge/thinning/thinned_reader.hpp"

namespace weather::bridge {

class SummaryReader : public ThinnedReader {
 public:
  SummaryReader(const RouteOptions& route, log::Log& log, log::Clock& clock, log::Sequence from);

  log::Result<std::span<const log::Entry>> read(std::size_t max_records, std::size_t max_bytes) override;
  log::Sequence position() const override { return next_; }
  void seek(log::Sequence next) override;
  void set_clock(std::shared_ptr<const ClockTable> clock) override { summaries_.set_clock(std::move(clock)); }
  bool can_begin_at(log::Sequence next) override;
  bool more() const override { return more_; }
  std::optional<std::int64_t> due_ns() const override;

 private:
  // first to last, each as what replaces it, or as an anchor.
  struct Stretch {
    log::Sequence first = 0, last = 0;
    std::int64_t time_ns = 0;
    std::vector<Replaced> replaced;
    std::size_t given = 0;  // of them
  };

  log::Result<void> fill();
  bool take(const log::Entry& entry);  // false: the rest of what was read is not to be looked at
  void begin(const log::Entry& entry, std::int64_t index);
  bool is_over() const;
  void close();
  void put_loss(const log::Entry& entry);

  const std::int64_t period_ns_;
  log::Log& log_;
  std::unique_ptr<log::Reader> all_;
  log::Clock& clock_;
  Summaries summaries_;

  log::Sequence next_;              // to be given
  std::set<log::Sequence> begins_;  // of stretches, from the one on that may be asked for again
  bool open_ = false;               // there is a stretch that grows
  std::int64_t index_ = 0;          // its period
  log::Sequence first_ = 0, last_ = 0;
  std::int64_t last_ns_ = 0;
  bool more_ = false;
  std::deque<Stretch> ready_;
  std::vector<log::Entry> given_;
  std::deque<Stretch> being_given_;  // holds what given_ points into
};

}  // namespace weather::bridge
