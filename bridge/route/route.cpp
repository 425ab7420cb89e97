#include "bridge/route/route.hpp"

#include <stdexcept>
#include <utility>

#include "bridge/log/counted.hpp"

namespace weather::bridge {
namespace {

constexpr std::chrono::seconds look_again{20};  // at held hours: the clock may be set, or its zone changed
constexpr std::chrono::seconds look_every{5};   // at certificates

log::Cursor open_cursor(log::Log& log, const std::string& name) {
  auto cursor = log.open_cursor(name);
  if (!cursor) throw std::runtime_error("cursor \"" + name + "\" of the log: " + cursor.error().message());
  return *cursor;
}

}  // namespace

Route::Route(const RouteContext& context, const RouteOptions& options)
    : context_(context),
      options_(options),
      position_(open_cursor(context.log, options.name)),
      budget_(context.options.backlog.max_records_per_s, context.clock.steady()),
      backlog_(std::make_unique<Stream>(context_, options_, *this, Part::backlog, position_.next())),
      certificates_(context.to.clients.watch_certificates(backlog_->properties())),
      hold_timer_(context.scheduler),
      watch_timer_(context.scheduler) {}

Route::~Route() {
  *alive_ = false;
}

void Route::on_both(const core::Event& event) {
  if (live_) live_->on(event);
  backlog_->on(event);
}

void Route::start() {
  watch_certificates();
  look_at_hold();
  backlog_->start();
}

void Route::pump() {
  look_at_hold();
  on_both(core::event::Look{});
}

void Route::pause() {
  on_both(core::event::HoldChanged{core::Hold::paused, true});
}

void Route::resume() {
  on_both(core::event::HoldChanged{core::Hold::paused, false});
}

void Route::retry_now() {
  if (live_) live_->retry_now();
  backlog_->retry_now();
}

void Route::set_clock(std::shared_ptr<const ClockTable> clock) {
  clock_ = std::move(clock);
  backlog_->set_clock(clock_);
  if (live_) live_->set_clock(clock_);
}

void Route::look_at_hold() {
  const HoldWindows& windows = context_.options.backlog.hold;
  const auto now = context_.clock.steady();
  if (windows.empty() || now - looked_at_hold_ < std::chrono::seconds(1)) return;
  looked_at_hold_ = now;
  const int minute = context_.scheduler.local_minute_of_week(context_.clock.wall_ns());
  const int left = windows.minutes_left(minute);
  const bool before = backlog_->machine().holds().has(core::Hold::hours);
  if (left > 0) hold_until_ = end_of_hold(minute, left);
  if (left > 0 && !before)
    backlog_->report(Notice::Level::info,
                     "holding until " + hold_until_ + ": readings are kept, nothing is sent");
  if (left <= 0 && before)
    backlog_->report(Notice::Level::info, "sending again: " + log::waiting_records(backlog_->waiting()));
  // Also before the next window begins, with nothing to send: the status then says so.
  hold_timer_.set(look_again, [this] { pump(); });
  if ((left > 0) != before) on_both(core::event::HoldChanged{core::Hold::hours, left > 0});
}

void Route::watch_certificates() {
  if (!certificates_->any_watched()) return;
  watch_timer_.set(look_every, [this] {
    if (backlog_->stopping()) return;
    if (certificates_->changed()) {
      if (live_) live_->renew();
      backlog_->renew();
    }
    watch_certificates();
  });
}

// Both streams, and what is sent out of band, at once: the time to flush is one.
void Route::stop(std::chrono::milliseconds flush, std::function<void()> done) {
  stopped_ = std::move(done);
  ending_ = live_ ? 2 : 1;
  if (out_of_band_ && out_of_band_->busy()) {
    ++ending_;
    out_of_band_->flush(flush, [this, alive = alive_] {
      if (*alive) one_ended();
    });
  }
  if (live_) live_->stop(flush);
  backlog_->stop(flush);
}

void Route::stopped(Part) {
  one_ended();
}

void Route::one_ended() {
  if (--ending_ > 0) return;
  hold_timer_.cancel();
  watch_timer_.cancel();
  out_of_band_.reset();
  if (const auto done = std::exchange(stopped_, nullptr)) done();
}

RouteStatus Route::status() {
  RouteStatus status;
  status.name = options_.name;
  status.topic = options_.topic;
  backlog_->fill(status, live_ ? &live_->machine() : nullptr);
  const log::Cursor total = position_.total();
  status.delivered = total.delivered;
  status.dead_lettered = total.dead_lettered;
  status.dropped = total.dropped;
  status.next_sequence = position_.next();
  status.delivered_bytes += past_bytes_;
  status.producer_restarts += past_restarts_;
  status.resent += past_resent_;
  status.meters.add(past_meters_);
  status.allowed_per_s = budget_.per_second();
  if (status.state == RouteState::holding) status.reason = "holding until " + hold_until_;
  status.live_p50_s = status.delivery_p50_s;
  status.live_p99_s = status.delivery_p99_s;
  if (live_) add_live(status);
  return status;
}

}  // namespace weather::bridge
