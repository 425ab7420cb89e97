#include "gateway/app/late_source.hpp"

#include <exception>
#include <utility>

#include "gateway/app/say.hpp"

namespace weather::gateway {

LateSource::LateSource(boost::asio::io_context& io, std::string name, std::string kind, ListenPlace place,
                       Make make)
    : name_(std::move(name)),
      kind_(std::move(kind)),
      place_(std::move(place)),
      make_(std::move(make)),
      timer_(io) {
  try_to_make();
}

// Between the look and the attempt the place may have gone: then the attempt's error is no fault either.
void LateSource::try_to_make() {
  if (auto missing = not_there_yet(place_)) return wait_for(std::move(missing->text));
  try {
    source_ = make_();
    reason_.clear();
  } catch (const std::exception&) {
    auto missing = not_there_yet(place_);
    if (!missing) throw;
    wait_for(std::move(missing->text));
  }
}

void LateSource::wait_for(std::string reason) {
  if (running_ && reason != reason_)
    say(Level::warning, name_ + ": not listening yet: " + reason + "; tried again until it is there");
  reason_ = std::move(reason);
}

void LateSource::start() {
  running_ = true;
  if (source_) return source_->start();
  wait_for(std::exchange(reason_, {}));
  look_again();
}

void LateSource::look_again() {
  timer_.expires_after(next_look(looks_++));
  timer_.async_wait([this](const boost::system::error_code& cancelled) {
    if (cancelled || !running_) return;
    try {
      try_to_make();
    } catch (const std::exception& error) {
      wait_for(
          error.what());  // the others run already: what start would have refused is told, and may be mended
    }
    if (source_)
      source_->start();
    else
      look_again();
  });
}

std::future<void> LateSource::stop() {
  running_ = false;
  timer_.cancel();
  return source_ ? source_->stop() : std::future<void>{};
}

bool LateSource::read_files_again() {
  return !source_ || source_->read_files_again();  // the next look reads them
}

SourceStatus LateSource::status() const {
  if (source_) return source_->status();
  return {name_, kind_, false, "not listening yet: " + reason_, {}, {}};
}

}  // namespace weather::gateway
