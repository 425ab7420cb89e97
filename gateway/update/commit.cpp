#include "gateway/update/commit.hpp"

namespace weather::gateway {

std::string unwell(const CommitRules& rules, const CommitFacts& facts) {
  if (!facts.failed_units.empty()) {
    std::string text = "failed:";
    for (const auto& unit : facts.failed_units) text += " " + unit;
    return text;
  }
  if (!facts.gateway_answers) return "the gateway does not answer";
  if (!facts.log_writable) return "the gateway's log is not writable";
  if (rules.kafka_was_online && !facts.kafka_online) return "Kafka is not reached, and was before the update";
  return {};
}

CommitVerdict CommitJudge::look(double elapsed_s, const CommitFacts& facts) {
  if (!rules_.trial) return {CommitStep::keep, ""};
  auto reason = unwell(rules_, facts);
  if (reason.empty()) {
    if (!well_since_s_) well_since_s_ = elapsed_s;
    if (elapsed_s - *well_since_s_ >= rules_.steady_s) return {CommitStep::keep, ""};
    if (elapsed_s < rules_.deadline_s + rules_.steady_s) return {CommitStep::wait, ""};
    reason = "it was well for less than " + std::to_string(static_cast<int>(rules_.steady_s)) +
             " s at the deadline";
  } else {
    well_since_s_.reset();
  }
  return {elapsed_s < rules_.deadline_s ? CommitStep::wait : CommitStep::leave, reason};
}

}  // namespace weather::gateway
