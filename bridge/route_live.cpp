// order = "live_first": while a backlog drains, what comes in now goes out beside it, through a second
// producer. Order holds within each of the two, not across them: a reading of the backlog may come after a
// newer one of its sensor. ce_id and ce_time tell, and ce_backfill marks the old ones.
#include <algorithm>
#include <stdexcept>
#include <utility>

#include "bridge/log/loss.hpp"
#include "bridge/route.hpp"

namespace weather::bridge {
namespace {

// A backlog worth the trouble: so old and so long.
constexpr std::int64_t backlog_age_ns = 10'000'000'000;
constexpr std::uint64_t backlog_records = 1000;
// A live part that is this late is a backlog itself: a new one begins at the newest record.
constexpr std::int64_t lag_age_ns = 60'000'000'000;
constexpr std::chrono::seconds shortest_part{60};

}  // namespace

// How many may be in flight: what comes in now has its share, however long the backlog is.
void Route::share_window() {
  const std::size_t all = context_.options.window_records;
  const auto live = static_cast<std::size_t>(static_cast<double>(all) * context_.options.backlog.live_share);
  const std::size_t share = part_ == Part::live ? live : live_ ? all - live : all;
  machine_.share_window(std::max<std::size_t>(1, share));
}

// The record is a loss that begins before the stretch: it is told first.
bool Route::crosses_stretch(const log::Entry& entry) const {
  if (entry.type != log::Type::loss || position_->stops_at_live()) return false;
  const auto loss = log::decode_loss(entry.payload);
  return loss && loss->first != 0 && loss->first < position_->stop();
}

// Everything before what was sent first is through, or on its way.
void Route::at_stretch() {
  if (position_->stops_at_live()) return close_live();
  if (machine_.window().size() > 0) return;  // a report will come
  if (position_->pass()) context_.log.advance(options_.name, position_->cursor());
  on(core::event::Restart{position_->next()});
  context_.scheduler.post([this, alive = alive_] {
    if (*alive) on(core::event::Look{});
  });
}

// Called with every run of reports; looks once a second.
void Route::look_at_live() {
  if (context_.options.backlog.order != Order::live_first || exactly_once() || part_ == Part::live) return;
  const auto now = context_.clock.steady();
  if (now - looked_at_live_ < std::chrono::seconds(1)) return;
  looked_at_live_ = now;
  if (!machine_.is<core::Sending>() || machine_.holds().has(core::Hold::paused) ||
      link_.state() != Link::State::up)
    return;
  if (live_) {
    if (live_->lags()) close_live();
    return;
  }
  const auto* oldest = machine_.window().front();
  const bool old = oldest && context_.clock.wall_ns() - oldest->time_ns > backlog_age_ns;
  if (old && position_->waiting(context_.log.durable()) > backlog_records) open_live();
}

void Route::set_clock(std::shared_ptr<const ClockTable> clock) {
  clock_ = std::move(clock);
  encoder_.set_clock(clock_);
  if (live_) live_->set_clock(clock_);
}

void Route::open_live() {
  const log::Sequence at = context_.log.durable() + 1;
  if (!position_->open_live(at)) return;
  try {
    live_ = std::make_unique<Route>(context_, options_, position_, at);
    live_->shared_budget_ = &budget_;
    live_->set_clock(clock_);
    share_window();
    live_->start();
  } catch (const std::runtime_error& error) {
    live_.reset();
    share_window();
    position_->close_live();
    return tell(Notice::Level::warning, std::string("what comes in now waits its turn: ") + error.what());
  }
  budget_.set_live_share(context_.options.backlog.live_share);
  tell(Notice::Level::info,
       "what comes in now goes first, " + std::to_string(waiting()) + " older records follow in their order");
}

// It sends nothing more, and is gone once everything it has sent has its fate.
void Route::close_live() {
  if (live_->retired_) return;  // it is on its way
  live_->retired_ = [this, alive = alive_] {
    if (*alive) live_closed();
  };
  live_->on(core::event::Retire{});
}

void Route::live_closed() {
  delivered_bytes_ += live_->delivered_bytes_;
  restarts_ += live_->restarts();
  resent_ += live_->resent_;
  meters_.add(live_->meters_);
  live_.reset();
  share_window();
  position_->close_live();
  context_.log.advance(options_.name, position_->cursor());
  budget_.set_live_share(0);
  pump();
}

bool Route::lags() const {
  const auto* oldest = machine_.window().front();
  return oldest && context_.clock.wall_ns() - oldest->time_ns > lag_age_ns && waiting() > backlog_records &&
         context_.clock.steady() - opened_ > shortest_part;
}

void Route::add_live(RouteStatus& status) {
  const RouteStatus live = live_->status();
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
