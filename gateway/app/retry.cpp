#include "gateway/app/retry.hpp"

#include <exception>
#include <utility>

#include "gateway/doctor/place.hpp"
#include "gateway/output/say.hpp"

namespace weather::gateway {

Retry::Retry(boost::asio::io_context& io, std::string what, Attempt attempt,
             std::function<void(const std::string&)> on_change)
    : what_(std::move(what)), attempt_(std::move(attempt)), on_change_(std::move(on_change)), timer_(io) {}

void Retry::try_once() {
  set_reason(attempt_().value_or(std::string()));
}

void Retry::set_reason(std::string reason) {
  if (reason == reason_) return;
  reason_ = std::move(reason);
  if (on_change_) on_change_(reason_);
}

void Retry::say_why() const {
  say(Level::warning, what_ + ": " + reason_ + "; tried again until it is there");
}

void Retry::start() {
  if (reason_.empty()) return;
  say_why();
  wait();
}

void Retry::wait() {
  timer_.expires_after(next_look(looks_++));
  timer_.async_wait([this](const boost::system::error_code& cancelled) {
    if (cancelled) return;
    const auto before = reason_;
    try {
      try_once();
    } catch (const std::exception& error) {
      set_reason(error.what());
    }
    if (reason_.empty()) return;
    if (reason_ != before) say_why();
    wait();
  });
}

}  // namespace weather::gateway
