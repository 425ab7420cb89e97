#include "gateway/app/minute_watch.hpp"

#include <chrono>

#include <boost/asio/io_context.hpp>

#include "gateway/output/say.hpp"

namespace weather::gateway {

void MinuteWatch::start() {
  timer_.expires_after(std::chrono::minutes(1));
  timer_.async_wait([this](const boost::system::error_code& cancelled) {
    if (cancelled) return;
    if (const auto line = line_(); !line.empty()) say(Level::warning, line);
    start();
  });
}

}  // namespace weather::gateway
