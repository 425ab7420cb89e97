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

namespace weather::gateway {
namespace {

namespace asio = boost::asio;

// Signals to a running App: SIGTERM and SIGINT end it in order, a second one at once.
class Runner {
 public:
  Runner(asio::io_context& io, App& app)
      : io_(io), app_(app), heartbeat_(io, app), signals_(io, SIGTERM, SIGINT) {}

  void start() {
    app_.start();
    heartbeat_.start();
    signals_.async_wait([this](const boost::system::error_code& error, int) {
      if (!error) stop();
    });
  }

 private:
  void stop() {
    say(Level::info, "stopping");
    notify_stopping();
    signals_.clear();  // back to the default: a second signal ends the program at once
    heartbeat_.stop();
    app_.stop([this] { io_.stop(); });
  }

  asio::io_context& io_;
  App& app_;
  Heartbeat heartbeat_;
  asio::signal_set signals_;
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
    Runner runner(io, app);
    runner.start();
    io.run();
  } catch (const StartError& error) {
    return complain(error.what(), error.exit_code());
  }
  return EX_OK;
}

}  // namespace weather::gateway
