// When a route may send: not in held times of the week, not all gateways at once after an outage, not faster
// than allowed.
#include <algorithm>
#include <utility>

#include "bridge/route.hpp"

namespace weather::bridge {
namespace {

constexpr std::chrono::seconds look_again{20};  // the clock may be set, or its zone changed

}  // namespace

// A whole region comes back in the same second after a power cut.
void Route::spread() {
  const auto jitter = context_.options.backlog.start_jitter;
  if (jitter.count() > 0)
    not_before_ =
        context_.clock.steady() + std::chrono::milliseconds(static_cast<std::int64_t>(
                                      context_.scheduler.random() * static_cast<double>(jitter.count())));
}

void Route::look_at_hold() {
  const HoldWindows& windows = context_.options.backlog.hold;
  const auto now = context_.clock.steady();
  if (windows.empty() || now - looked_at_hold_ < std::chrono::seconds(1)) return;
  looked_at_hold_ = now;
  const int minute = context_.scheduler.local_minute_of_week(context_.clock.wall_ns());
  const int left = windows.minutes_left(minute);
  const bool before = std::exchange(holding_, left > 0);
  if (holding_) {
    hold_until_ = end_of_hold(minute, left);
    if (!before)
      tell(Notice::Level::info, "holding until " + hold_until_ + ": readings are kept, nothing is sent");
  } else if (before) {
    tell(Notice::Level::info, "sending again: " + std::to_string(waiting()) + " records are waiting");
  }
  // Also before the next window begins, with nothing to send: the status then says so.
  hold_timer_.set(look_again, [this, alive = alive_] {
    if (*alive) pump();
  });
}

void Route::use_pace() {
  if (part_ == Part::live) return;  // the quota is one for both
  const double most = context_.options.backlog.max_records_per_s, asked = pace_.per_second();
  budget_.set_rate(most == 0 ? asked : asked == 0 ? most : std::min(most, asked));
}

}  // namespace weather::bridge
