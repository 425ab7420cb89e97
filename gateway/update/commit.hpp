// Whether a slot on trial is kept. A state machine without a clock: it is shown what can be seen, each time
// with how long it is on trial. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace weather::gateway {

struct CommitRules {
  bool trial = false;             // else there is nothing to decide
  bool kafka_was_online = false;  // before the update; false too if that is unknown
  double steady_s = 30;           // it must look well so long without a break
  double deadline_s = 900;        // and do so by then
};

struct CommitFacts {
  bool gateway_answers = false, log_writable = false, kafka_online = false;
  std::vector<std::string> failed_units;
};

enum class CommitStep : std::uint8_t {
  keep,  // mark the slot good
  wait,
  leave,  // restart: the boot loader counts, and takes the other slot
};

struct CommitVerdict {
  CommitStep step = CommitStep::wait;
  std::string reason;  // what is wrong; empty: nothing
};

class CommitJudge {
 public:
  explicit CommitJudge(CommitRules rules) : rules_(rules) {}
  CommitVerdict look(double elapsed_s, const CommitFacts& facts);

 private:
  const CommitRules rules_;
  std::optional<double> well_since_s_;
};

// What is wrong with what is seen; empty: nothing. An outage that was there before is no fault of the update.
std::string unwell(const CommitRules& rules, const CommitFacts& facts);

}  // namespace weather::gateway
