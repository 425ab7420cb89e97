#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <signal.h>
#include <sysexits.h>

#include "gateway/api/web.hpp"
#include "gateway/app/app.hpp"
#include "gateway/app/heartbeat.hpp"
#include "gateway/app/notify.hpp"
#include "gateway/app/say.hpp"
#include "gateway/commands/commands.hpp"
#include "gateway/commands/complain.hpp"
#include "gateway/commands/setup.hpp"
#include "gateway/commands/version.hpp"
#include "gateway/config/render.hpp"

namespace weather::gateway {
namespace {

namespace asio = boost::asio;

// Signals to a running App: SIGTERM and SIGINT end it in order, a second one at once. SIGHUP reads the
// configuration again and tries Kafka at once.
class Runner {
 public:
  Runner(asio::io_context& io, App& app, std::string config_file)
      : io_(io),
        app_(app),
        config_file_(std::move(config_file)),
        heartbeat_(io, app),
        signals_(io, SIGTERM, SIGINT),
        reload_(io, SIGHUP) {}

  void start() {
    app_.start();
    heartbeat_.start();
    signals_.async_wait([this](const boost::system::error_code& error, int) {
      if (!error) stop();
    });
    wait_for_reload();
  }

 private:
  void wait_for_reload() {
    reload_.async_wait([this](const boost::system::error_code& error, int) {
      if (error) return;
      reload();
      wait_for_reload();
    });
  }

  // Nothing is swapped under a running line: what changed is named, and holds from the next start, which the
  // log makes harmless. A file with faults changes nothing and is told now, not at the next start.
  void reload() {
    notify_reloading();
    const auto setup = read_setup(config_file_);
    app_.note_reload(setup.has_value());
    if (!setup) {
      say(Level::error, "the configuration has faults; the one read before stays in use");
    } else if (const auto changed = changed_keys(app_.config(), setup->config); changed.empty()) {
      say(Level::info, "the configuration is good and has not changed; Kafka is tried at once");
    } else {
      say(Level::warning, "the configuration is good; restart to use what changed: " + changed);
    }
    app_.forwarder().retry_now();
    notify_ready(status_line(app_.status()));
  }

  void stop() {
    say(Level::info, "stopping");
    notify_stopping();
    reload_.cancel();
    signals_.clear();  // back to the default: a second signal ends the program at once
    heartbeat_.stop();
    app_.stop([this] { io_.stop(); });
  }

  asio::io_context& io_;
  App& app_;
  const std::string config_file_;
  Heartbeat heartbeat_;
  asio::signal_set signals_, reload_;
};

}  // namespace

int run_command(const RunOptions& options) {
  if (options.verbose) init_say(Level::debug);
  auto setup = read_setup(options.config_file);
  if (!setup) return setup.error();
  ::signal(SIGPIPE, SIG_IGN);
  asio::io_context io(1);
  try {
    App app(io, std::move(setup->config), std::move(setup->forwarder));
    say(Level::info, "weather-gateway " + std::string(version()) + " starts as " + app.gateway_id() +
                         ", log " + app.log().id());
    const Web web(io, app);
    Runner runner(io, app, options.config_file);
    runner.start();
    io.run();
  } catch (const StartError& error) {
    return complain(error.what(), error.exit_code());
  }
  return EX_OK;
}

}  // namespace weather::gateway
