// Can the wall clock be believed? Pure; one thread at a time.
#pragma once

#include <cstdint>

#include "sensors/reading/reading.pb.h"

namespace weather::gateway {

class ClockJudge {
 public:
  // What the system says of its clock; unknown: there is nothing to ask.
  enum class Said : std::uint8_t { synchronised, unsynchronised, unknown };

  // earliest_ns: no right clock shows less. A wall clock that has been synchronised keeps its worth when the
  // time source goes away (a crystal drifts seconds in a day) until it is set.
  explicit ClockJudge(std::int64_t earliest_ns) : earliest_ns_(earliest_ns) {}

  v1::ClockQuality judge(Said said, std::int64_t wall_ns, std::int64_t boot_ns) {
    note_step(wall_ns - boot_ns);
    if (wall_ns < earliest_ns_) return v1::CLOCK_UNSYNCHRONISED;
    if (said == Said::synchronised) {
      trusted_ = true;
      return v1::CLOCK_SYNCHRONISED;
    }
    if (trusted_) return v1::CLOCK_SYNCHRONISED;
    return said == Said::unknown ? v1::CLOCK_UNKNOWN : v1::CLOCK_UNSYNCHRONISED;
  }

  // Set, not slewed: the wall clock moved by this much against the boot clock.
  static constexpr std::int64_t step_ns = 1'000'000'000;
  static bool is_step(std::int64_t before_ns, std::int64_t now_ns) {
    return now_ns - before_ns > step_ns || before_ns - now_ns > step_ns;
  }
  double stepped_s() const { return stepped_s_; }  // all steps together, their direction ignored
  std::uint64_t steps() const { return steps_; }

 private:
  void note_step(std::int64_t offset_ns) {
    if (seen_ && is_step(offset_ns_, offset_ns)) {
      const auto step = offset_ns > offset_ns_ ? offset_ns - offset_ns_ : offset_ns_ - offset_ns;
      stepped_s_ += static_cast<double>(step) / 1e9;
      ++steps_;
      trusted_ = false;
    }
    seen_ = true;
    offset_ns_ = offset_ns;
  }

  const std::int64_t earliest_ns_;
  bool seen_ = false, trusted_ = false;
  std::int64_t offset_ns_ = 0;
  double stepped_s_ = 0;
  std::uint64_t steps_ = 0;
};

}  // namespace weather::gateway
