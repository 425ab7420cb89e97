// What "drop_newest" refused and no record tells yet: a record tells it once there is room again. Pure, not
// thread-safe.
#pragma once

#include "bridge/log/log.hpp"
#include "bridge/log/loss.hpp"
#include "bridge/log/state.hpp"

namespace weather::log {

// What was refused, as a loss noticed now.
Loss refusal_of(std::span<const Record> records, std::int64_t now_ns);

class RefusalLedger {
 public:
  RefusalLedger() = default;
  explicit RefusalLedger(const Loss& unreported) : unreported_(unreported) {}

  void add(const Loss& refused) { unreported_ = sum(unreported_, refused); }
  // What no record was made for yet; none while its records are 0.
  const Loss& unreported() const { return unreported_; }
  // The record of this sequence tells it; it need not be durable yet.
  void reporting_in(Sequence sequence);
  // The log is durable up to before `end`. True: the record that tells is, since a moment ago.
  bool has_reported(Sequence end);

  // For STATE: what a start would have to tell, and up to which sequence the log tells what it refused.
  Loss to_be_reported() const { return sum(reporting_, unreported_); }
  Sequence reported_up_to(Sequence end) const { return reporting_.records > 0 ? reporting_in_ - 1 : end - 1; }

 private:
  Loss unreported_;
  Loss reporting_;             // by the record of the next line, which is not durable yet
  Sequence reporting_in_ = 0;  //
};

// At start after a crash: a record that reached the card after STATE was saved tells this much of what STATE
// takes for unreported. What it tells beyond STATE's count is counted.
void take_as_reported(State& state, const Loss& reported);

}  // namespace weather::log
