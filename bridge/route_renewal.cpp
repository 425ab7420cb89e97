// Certificates that are renewed under a running gateway: librdkafka reads them once, so a new producer takes
// over from the last confirmed record.
#include <stdexcept>
#include <utility>

#include "bridge/route.hpp"

namespace weather::bridge {
namespace {

constexpr std::chrono::seconds look_every{5};
// For what is in flight to be confirmed; with a link that is down it never is.
constexpr std::chrono::seconds longest_flush{30};

}  // namespace

void Route::watch_certificates() {
  if (!certificates_->any_watched()) return;
  watch_timer_.set(look_every, [this, alive = alive_] {
    if (!*alive || stopping_) return;
    if (certificates_->changed()) renew();
    watch_certificates();
  });
}

void Route::renew() {
  if (renewing_ || phase_ == Phase::stopped) return;
  try {
    const auto trial = context_.clients.make(properties_, *this);
  } catch (const std::runtime_error& error) {
    return tell(Notice::Level::error, "the renewed certificate cannot be used: " + std::string(error.what()) +
                                          "; the one read before stays in use");
  }
  tell(Notice::Level::info, "certificates were renewed: connecting with them");
  renewing_ = true;
  if (phase_ == Phase::waiting || link_.state() != Link::State::up) return (void)renewed();
  if (phase_ != Phase::running) return;  // drained() or opened() goes on with a new producer
  // Nothing new is sent; once all is confirmed nothing can be sent twice.
  producer_->flush(longest_flush, [this, alive = alive_, old = producer_.get()] {
    if (*alive && renewing_ && producer_.get() == old) finish_renewal();
  });
  pump();
}

// True: the producer was given up, and what comes next waits for the new one.
bool Route::renewed() {
  const bool idle = window_.in_flight() == 0 && !transaction_open_ && aside_.empty();
  if (!idle && link_.state() == Link::State::up) return false;
  finish_renewal();
  return true;
}

// What is still in flight goes again under the same id.
void Route::finish_renewal() {
  renewing_ = false;
  drop_producer();
  side_.reset();
  failures_ = {};
  read_from(exactly_once() ? window_.rewind_undelivered() : window_.rewind());
  wait(std::chrono::milliseconds(0));
}

}  // namespace weather::bridge
