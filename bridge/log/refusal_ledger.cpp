#include "bridge/log/refusal_ledger.hpp"

#include <algorithm>
#include <cassert>
#include <utility>

namespace weather::log {

Loss refusal_of(std::span<const Record> records, std::int64_t now_ns) {
  Loss loss{.records = records.size(), .noticed_ns = now_ns, .reason = LossReason::refused_newest};
  if (!records.empty()) {
    loss.from_ns = records.front().time_ns;
    loss.to_ns = records.back().time_ns;
  }
  for (const auto& record : records) loss.bytes += record.payload.size();
  return loss;
}

void RefusalLedger::reporting_in(Sequence sequence) {
  assert(unreported_.records > 0 && sequence > reporting_in_);
  reporting_in_ = sequence;
  reporting_ = std::exchange(unreported_, {});
}

bool RefusalLedger::has_reported(Sequence end) {
  if (reporting_.records == 0 || end <= reporting_in_) return false;
  reporting_ = {};
  return true;
}

void take_as_reported(State& state, const Loss& reported) {
  state.dropped_newest += reported.records - std::min(reported.records, state.refused.records);
  if (reported.records >= state.refused.records) {
    state.refused = {};
    return;
  }
  state.refused.records -= reported.records;
  state.refused.bytes -= std::min(state.refused.bytes, reported.bytes);
  state.refused.from_ns = reported.to_ns;
}

}  // namespace weather::log
