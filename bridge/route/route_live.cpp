// order = "live_first": while a backlog drains, what comes in now goes out beside it, through a second
// stream with a client of its own. Order holds within each of the two, not across them: a reading of the
// backlog may come after a newer one of its sensor. ce_id and ce_time tell, and ce_backfill marks the old
// ones.
#include <algorithm>
#include <stdexcept>
#include <utility>

#include "bridge/route/route.hpp"

namespace weather::bridge {
namespace {

// A backlog worth the trouble: so old and so long.
constexpr std::int64_t backlog_age_ns = 10'000'000'000;
constexpr std::uint64_t backlog_records = 1000;

}  // namespace

// How many may be in flight: what comes in now has its share, however long the backlog is.
void Route::share_window() {
  const std::size_t all = context_.options.window_records;
  const auto live = static_cast<std::size_t>(static_cast<double>(all) * context_.options.backlog.live_share);
  if (live_) live_->share_window(std::max<std::size_t>(1, live));
  backlog_->share_window(live_ ? std::max<std::size_t>(1, all - live) : all);
}

// Everything before what was sent first is through, or on its way.
void Route::at_delivered_range() {
  if (position_.stops_at_live()) return close_live();
  const Window& window = backlog_->machine().window();
  if (window.in_flight() > 0) return;  // a report will come
  // What needs no report, an anchor say, is passed when this turn ends: none would come.
  if (window.size() == 0) {
    if (position_.pass()) context_.log.advance(options_.name, position_.cursor());
    backlog_->on(core::event::Restart{position_.next()});
  }
  context_.scheduler.post([this, alive = alive_] {
    if (*alive) backlog_->on(core::event::Look{});
  });
}

// Looks once a second.
void Route::reports_came() {
  if (context_.options.backlog.order != Order::live_first ||
      context_.options.delivery == Delivery::exactly_once || options_.thinning.any() || options_.relay)
    return;
  const auto now = context_.clock.steady();
  if (now - looked_at_live_ < std::chrono::seconds(1)) return;
  looked_at_live_ = now;
  const core::Machine& machine = backlog_->machine();
  const core::Holds& holds = machine.holds();
  if (!machine.is<core::Sending>() || holds.has(core::Hold::paused) || holds.has(core::Hold::hours) ||
      !backlog_->is_up())
    return;
  if (live_) {
    if (live_->lags()) close_live();
    return;
  }
  const auto* oldest = machine.window().front();
  const bool old = oldest && context_.clock.wall_ns() - oldest->time_ns > backlog_age_ns;
  if (old && position_.waiting(context_.log.durable()) > backlog_records) open_live();
}

void Route::open_live() {
  const log::Sequence at = context_.log.durable() + 1;
  if (!position_.open_live(at)) return;
  try {
    live_ = std::make_unique<Stream>(context_, options_, *this, Part::live, at);
    live_->set_clock(clock_);
    share_window();
    live_->start();
  } catch (const std::runtime_error& error) {
    live_.reset();
    share_window();
    position_.close_live();
    return backlog_->report(Notice::Level::warning,
                            std::string("what comes in now waits its turn: ") + error.what());
  }
  live_state_ = Live::open;
  budget_.set_live_share(context_.options.backlog.live_share);
  backlog_->report(Notice::Level::info, "what comes in now goes first, " +
                                            std::to_string(backlog_->waiting()) +
                                            " older records follow in their order");
}

// It sends nothing more, and is gone once everything it has sent has its fate.
void Route::close_live() {
  if (live_state_ != Live::open) return;
  live_state_ = Live::closing;
  live_->on(core::event::Retire{});
}

// Not from here: this is called by the stream itself.
void Route::retired() {
  context_.scheduler.post([this, alive = alive_] {
    if (!*alive || !live_) return;
    past_bytes_ += live_->delivered_bytes();
    past_restarts_ += live_->machine().restarts();
    past_resent_ += live_->resent();
    past_meters_.add(live_->meters());
    live_.reset();
    live_state_ = Live::none;
    share_window();
    position_.close_live();
    context_.log.advance(options_.name, position_.cursor());
    budget_.set_live_share(0);
    pump();
  });
}

void Route::add_live(RouteStatus& status) {
  RouteStatus live;
  live_->fill(live);
  status.live_first = true;
  status.live_waiting = live.waiting;
  status.live_p50_s = live.delivery_p50_s;
  status.live_p99_s = live.delivery_p99_s;
  if (live.state == RouteState::blocked && status.state != RouteState::blocked) {
    status.state = live.state;
    status.reason = live.reason;
  }
  status.in_flight += live.in_flight;
  status.records_per_s += live.records_per_s;
  status.delivered_bytes += live.delivered_bytes;
  status.producer_restarts += live.producer_restarts;
  status.resent += live.resent;
  status.meters.add(live.meters);
  status.last_delivered_ns = std::max(status.last_delivered_ns, live.last_delivered_ns);
}

}  // namespace weather::bridge
