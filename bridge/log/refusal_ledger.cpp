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

void RefusalLedger::telling_in(Sequence sequence) {
  assert(untold_.records > 0 && sequence > telling_in_);
  telling_in_ = sequence;
  telling_ = std::exchange(untold_, {});
}

bool RefusalLedger::has_told(Sequence end) {
  if (telling_.records == 0 || end <= telling_in_) return false;
  telling_ = {};
  return true;
}

void take_as_told(State& state, const Loss& told) {
  state.dropped_newest += told.records - std::min(told.records, state.refused.records);
  if (told.records >= state.refused.records) {
    state.refused = {};
    return;
  }
  state.refused.records -= told.records;
  state.refused.bytes -= std::min(state.refused.bytes, told.bytes);
  state.refused.from_ns = told.to_ns;
}

}  // namespace weather::log
