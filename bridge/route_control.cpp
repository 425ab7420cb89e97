// What a person asks of a route, certificates that are renewed under a running client (librdkafka reads them
// once, so a new one takes over from the last confirmed record), and the end.
#include <memory>
#include <stdexcept>
#include <utility>

#include "bridge/route.hpp"

namespace weather::bridge {
namespace {

constexpr std::chrono::seconds look_every{5};

}  // namespace

void Route::pause() {
  on(core::event::HoldChanged{core::Hold::paused, true});
  if (live_) live_->pause();
}

void Route::resume() {
  on(core::event::HoldChanged{core::Hold::paused, false});
  if (live_) live_->resume();
}

void Route::retry_now() {
  if (live_) live_->retry_now();
  if (link_.state() == Link::State::refused) renew();
  on(core::event::RetryNow{});
}

void Route::watch_certificates() {
  if (!certificates_->any_watched()) return;
  watch_timer_.set(look_every, [this] {
    if (stopping()) return;
    if (certificates_->changed()) renew();
    watch_certificates();
  });
}

void Route::renew() {
  if (stopping() || machine_.is<core::Renewing>()) return;
  try {
    const auto trial = context_.clients.make(properties_, *this);
  } catch (const std::runtime_error& error) {
    return tell(Notice::Level::error, "the renewed certificate cannot be used: " + std::string(error.what()) +
                                          "; the one read before stays in use");
  }
  tell(Notice::Level::info, "certificates were renewed: connecting with them");
  on(core::event::CertificatesChanged{});
}

void Route::stop(std::chrono::milliseconds flush, std::function<void()> done) {
  if (live_) {  // both at once: the time to flush is one
    const auto left = std::make_shared<int>(2);
    auto both = [left, then = std::move(done)] {
      if (--*left == 0) then();
    };
    live_->stop(flush, both);
    done = both;
  }
  flush_time_ = flush;
  stopped_ = std::move(done);
  on(core::event::Stop{});
}

// What is in flight is waited for.
void Route::finish() {
  const auto flushes = std::make_shared<int>(1);
  const auto flushed = [this, alive = alive_, flushes] {
    if (--*flushes == 0 && *alive) on(core::event::Finished{});
  };
  if (producer_ && (machine_.window().in_flight() > 0 || machine_.has_open_transaction())) {
    ++*flushes;
    producer_->flush(flush_time_, flushed);
  }
  if (side_ && side_->busy()) {
    ++*flushes;
    side_->flush(flush_time_, flushed);
  }
  context_.scheduler.post(flushed);
}

void Route::stopped() {
  for (Alarm* timer : {&rate_timer_, &hold_timer_, &watch_timer_, &ask_timer_}) timer->cancel();
  side_.reset();
  if (const auto done = std::exchange(stopped_, nullptr)) done();
}

}  // namespace weather::bridge
