#include "gateway/app/late_source.hpp"

#include <exception>
#include <utility>

namespace weather::gateway {

LateSource::LateSource(boost::asio::io_context& io, std::string name, std::string kind, ListenPlace place,
                       Make make, std::string waiting)
    : name_(std::move(name)),
      kind_(std::move(kind)),
      waiting_(std::move(waiting)),
      place_(std::move(place)),
      make_(std::move(make)),
      retry_(io, name_ + ": " + waiting_, [this] { return try_to_make(); }) {
  retry_.try_once();
}

// Between the look and the attempt the place may have gone: then the attempt's error is no fault either.
std::optional<std::string> LateSource::try_to_make() {
  if (const auto missing = not_there_yet(place_)) return missing->text;
  try {
    source_ = make_();
  } catch (const std::exception&) {
    const auto missing = not_there_yet(place_);
    if (!missing) throw;
    return missing->text;
  }
  if (running_) source_->start();
  return std::nullopt;
}

void LateSource::start() {
  running_ = true;
  if (source_) return source_->start();
  retry_.start();
}

std::future<void> LateSource::stop() {
  running_ = false;
  retry_.stop();
  return source_ ? source_->stop() : std::future<void>{};
}

bool LateSource::read_files_again() {
  return !source_ || source_->read_files_again();  // the next look reads them
}

SourceStatus LateSource::status() const {
  if (source_) return source_->status();
  return {name_, kind_, false, waiting_ + ": " + retry_.reason(), {}, {}};
}

}  // namespace weather::gateway
