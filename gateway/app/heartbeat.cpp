#include "gateway/app/heartbeat.hpp"

#include <algorithm>

#include <boost/asio/io_context.hpp>

#include "gateway/app/notify.hpp"
#include "gateway/app/say.hpp"

namespace weather::gateway {
namespace {

// STATUS= is for people: every ten seconds is enough.
std::chrono::milliseconds rhythm() {
  constexpr std::chrono::milliseconds calm{10'000};
  const auto watchdog = watchdog_interval();
  return watchdog.count() == 0 ? calm : std::min(calm, watchdog);
}

}  // namespace

Heartbeat::Heartbeat(boost::asio::io_context& io, const App& app)
    : app_(app), interval_(rhythm()), timer_(io), log_watch_(app.config().log.on_full, app.status().log) {}

void Heartbeat::start() {
  told_ = status_line(app_.status());
  notify_ready(told_);
  beat();
}

void Heartbeat::beat() {
  timer_.expires_after(interval_);
  timer_.async_wait([this](const boost::system::error_code& cancelled) {
    if (cancelled) return;
    const auto status = app_.status();
    if (auto line = status_line(status); line != told_) {
      notify_status(line);
      told_ = std::move(line);
    }
    const auto now = std::chrono::steady_clock::now();
    for (const auto& line : log_watch_.look(status.log, unsent_records(status), now))
      say(line.level, line.text);
    if (watch_.healthy(status.log, now))
      notify_watchdog();
    else
      say(Level::error, "the log has not moved for 30 s; the watchdog is not fed");
    beat();
  });
}

}  // namespace weather::gateway
