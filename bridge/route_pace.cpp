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
  if (jitter.count() == 0) return;
  const auto late = std::chrono::milliseconds(
      static_cast<std::int64_t>(context_.scheduler.random() * static_cast<double>(jitter.count())));
  on(core::event::HoldChanged{core::Hold::spread, true});
  go_on_after(late);
}

// False: not now.
bool Route::rate_allows() {
  if (!budget().limited() || budget().take(context_.clock.steady(), part_)) return true;
  on(core::event::HoldChanged{core::Hold::rate, true});
  go_on_after(budget().wait(part_));
  return false;
}

void Route::go_on_after(std::chrono::milliseconds time) {
  rate_timer_.set(time, [this] {
    on(core::event::HoldChanged{core::Hold::rate, false});
    on(core::event::HoldChanged{core::Hold::spread, false});
  });
}

void Route::look_at_hold() {
  const HoldWindows& windows = context_.options.backlog.hold;
  const auto now = context_.clock.steady();
  if (windows.empty() || now - looked_at_hold_ < std::chrono::seconds(1)) return;
  looked_at_hold_ = now;
  const int minute = context_.scheduler.local_minute_of_week(context_.clock.wall_ns());
  const int left = windows.minutes_left(minute);
  const bool before = machine_.holds().has(core::Hold::hours);
  if (left > 0) hold_until_ = end_of_hold(minute, left);
  if (left > 0 && !before)
    tell(Notice::Level::info, "holding until " + hold_until_ + ": readings are kept, nothing is sent");
  if (left <= 0 && before)
    tell(Notice::Level::info, "sending again: " + std::to_string(waiting()) + " records are waiting");
  // Also before the next window begins, with nothing to send: the status then says so.
  hold_timer_.set(look_again, [this] { pump(); });
  if ((left > 0) != before) on(core::event::HoldChanged{core::Hold::hours, left > 0});
}

void Route::use_pace() {
  if (part_ == Part::live) return;  // the quota is one for both
  const double most = context_.options.backlog.max_records_per_s, asked = pace_.per_second();
  budget_.set_rate(most == 0 ? asked : asked == 0 ? most : std::min(most, asked));
}

}  // namespace weather::bridge
