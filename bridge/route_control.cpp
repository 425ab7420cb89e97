// What a person asks of a route, and its end.
#include <memory>
#include <utility>

#include "bridge/route.hpp"

namespace weather::bridge {

void Route::pause() {
  paused_ = true;
  if (live_) live_->pause();
}

void Route::resume() {
  paused_ = false;
  if (live_) live_->resume();
  pump();
}

void Route::retry_now() {
  flow_.forget_waits();
  if (live_) live_->retry_now();
  if (link_.state() == Link::State::refused) renew();
  if (phase_ == Phase::waiting) {
    timer_.cancel();
    go();
  }
}

void Route::stop(std::chrono::milliseconds flush, std::function<void()> done) {
  stopping_ = true;
  if (live_) {  // both at once: the time to flush is one
    const auto left = std::make_shared<int>(2);
    auto both = [left, then = std::move(done)] {
      if (--*left == 0) then();
    };
    live_->stop(flush, both);
    done = both;
  }
  const auto finish = [this, alive = alive_, done = std::move(done)] {
    if (*alive) {
      if (!transaction_open_) commit();
      phase_ = Phase::stopped;
      timer_.cancel();
      hold_timer_.cancel();
      watch_timer_.cancel();
      ask_timer_.cancel();
      stall_timer_.cancel();
      drop_producer();
      side_.reset();
    }
    done();
  };
  const auto flushes = std::make_shared<int>(1);
  const auto flushed = [flushes, finish] {
    if (--*flushes == 0) finish();
  };
  if (producer_ && (window_.in_flight() > 0 || !aside_.empty())) {
    ++*flushes;
    producer_->flush(flush, flushed);
  }
  if (side_ && side_->busy()) {
    ++*flushes;
    side_->flush(flush, flushed);
  }
  context_.scheduler.post(flushed);
}

}  // namespace weather::bridge
