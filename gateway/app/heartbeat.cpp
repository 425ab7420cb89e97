#include "gateway/app/heartbeat.hpp"

#include <algorithm>
#include <utility>

#include <boost/asio/io_context.hpp>

#include "bridge/log/counted.hpp"
#include "gateway/app/notify.hpp"
#include "gateway/output/say.hpp"

namespace weather::gateway {
namespace {

// STATUS= is for people: every ten seconds is enough.
std::chrono::milliseconds rhythm() {
  constexpr std::chrono::milliseconds calm{10'000};
  const auto watchdog = watchdog_interval();
  return watchdog.count() == 0 ? calm : std::min(calm, watchdog);
}

// What a deleted file still holds can be read while it is open: Kafka may take it for so long.
constexpr std::chrono::seconds last_chance{20};

std::set<std::string> ids_of(const App& app) {
  std::set<std::string> ids;
  for (auto& sensor : app.sensors().snapshot()) ids.insert(std::move(sensor.id));
  return ids;
}

}  // namespace

Heartbeat::Heartbeat(boost::asio::io_context& io, const App& app, std::function<void()> give_up)
    : app_(app),
      interval_(rhythm()),
      timer_(io),
      log_watch_(app.config().log.on_full, app.status().log),
      folder_(app.config().gateway.data_dir),
      give_up_(std::move(give_up)) {}

void Heartbeat::start() {
  reported_ = status_line(app_.status());
  notify_ready(reported_);
  beat();
}

void Heartbeat::beat() {
  timer_.expires_after(interval_);
  timer_.async_wait([this](const boost::system::error_code& cancelled) {
    if (cancelled) return;
    const auto status = app_.status();
    if (auto line = status_line(status); line != reported_) {
      notify_status(line);
      reported_ = std::move(line);
    }
    const auto now = std::chrono::steady_clock::now();
    for (const auto& line : log_watch_.look(status.log, unsent_records(status), now))
      say(line.level, line.text);
    for (const auto& line : names_watch_.look(
             app_.config().sensors.names, [this] { return ids_of(app_); }, now))
      say(Level::warning, line);
    if (!look_at_folder(status)) return give_up_();
    if (watch_.healthy(status.log, now))
      notify_watchdog();
    else
      say(Level::error, "the log has not moved for 30 s; the watchdog is not fed");
    beat();
  });
}

bool Heartbeat::look_at_folder(const Status& status) {
  if (folder_.is_there()) return true;
  const auto now = std::chrono::steady_clock::now();
  const auto unsent = unsent_records(status);
  const auto dir = app_.config().gateway.data_dir.string();
  if (!gone_since_) {
    gone_since_ = now;
    say(Level::error, "data_dir " + dir +
                          " was deleted or moved while the gateway ran: " + log::counted(unsent, "reading") +
                          " in it for Kafka, which gets what can still be read");
  }
  if (unsent > 0 && now - *gone_since_ < last_chance) return true;
  say(Level::error, "ending, so that a restart makes a new log in " + dir + ": " +
                        log::counted(unsent, "acknowledged reading") +
                        " gone with the old one, not in Kafka");
  return false;
}

}  // namespace weather::gateway
