#include <ctime>

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <signal.h>
#include <sysexits.h>

#include "bridge/kafka/settings.hpp"
#include "bridge/log/files.hpp"
#include "gateway/api/web.hpp"
#include "gateway/app/app.hpp"
#include "gateway/app/descriptors.hpp"
#include "gateway/app/downlink_line.hpp"
#include "gateway/app/formats.hpp"
#include "gateway/app/heartbeat.hpp"
#include "gateway/app/notify.hpp"
#include "gateway/commands/commands.hpp"
#include "gateway/commands/setup.hpp"
#include "gateway/config/values.hpp"
#include "gateway/downlink/state_file.hpp"
#include "gateway/output/complain.hpp"
#include "gateway/output/say.hpp"
#include "gateway/output/version.hpp"
#include "gateway/update/machine.hpp"

namespace weather::gateway {
namespace {

namespace asio = boost::asio;

void report_unused(const Config& config) {
  for (const auto& unused : unused_tables(config)) say(Level::warning, to_string(unused));
  const auto file = config.kafka.properties_file.string();
  if (file.empty()) return;
  if (const auto taken = bridge::read_client_file(file))
    if (const auto note = bridge::passed_over_text(*taken); !note.empty()) say(Level::info, file + note);
}

// Signals to a running App: SIGTERM and SIGINT end it in order, a second one at
// once. SIGHUP reads the configuration again, takes over what can change, and
// tries Kafka at once.
class Runner {
 public:
  Runner(asio::io_context& io, App& app, Web& web, std::string config_file)
      : io_(io),
        app_(app),
        web_(web),
        config_file_(std::move(config_file)),
        heartbeat_(io, app,
                   [this] {
                     exit_code_ = EX_IOERR;
                     stop();
                   }),
        signals_(io, SIGTERM, SIGINT),
        reload_(io, SIGHUP) {}

  int exit_code() const { return exit_code_; }

  void start() {
    app_.start();
    heartbeat_.start();
    signals_.async_wait([this](const boost::system::error_code& error, int) {
      if (!error) stop();
    });
    wait_for_reload();
    app_.on_reload_request([this] { return reload(); });
    app_.on_drop_ins([this](const downlink::DropIns& drop_ins) {
      const auto setup = load_setup(config_file_, &drop_ins);
      return setup ? std::vector<std::string>() : setup.error().lines;
    });
  }

 private:
  void wait_for_reload() {
    reload_.async_wait([this](const boost::system::error_code& error, int) {
      if (error) return;
      reload();
      wait_for_reload();
    });
  }

  // A file with faults changes nothing and is reported now, not at the next start.
  ReloadReport reload() {
    notify_reloading();
    const auto report = guarded([this] { return read_again(); });
    if (!report.good) app_.note_bad_reload();
    for (const auto& fault : report.faults) say(Level::error, fault);
    say(!report.good                   ? Level::error
        : report.needs_restart.empty() ? Level::info
                                       : Level::warning,
        report.good ? to_text(report) : "the configuration has faults; the one read before stays in use");
    notify_ready(status_line(app_.status()));
    return report;
  }

  ReloadReport read_again() {
    ReloadReport report;
    auto setup = load_setup(config_file_);
    // Which files these are is fixed. A page that waits for one of them reads
    // it by itself.
    auto access = web_.not_yet().empty() ? read_page_access(app_.config().web) : PageAccess{};
    if (!setup) report.faults = setup.error().lines;
    if (!access) report.faults.push_back(access.error());
    if (setup && access) {
      report = app_.reload(std::move(setup->config), std::move(setup->forwarder));
      if (report.good) report_unused(app_.config());
      if (report.good && web_.not_yet().empty() && web_.take(std::move(*access)))
        report.applied.emplace_back("web (files)");
    }
    return report;
  }

  void stop() {
    say(Level::info, "stopping");
    notify_stopping();
    reload_.cancel();
    signals_.clear();  // back to the default: a second signal ends the program
                       // at once
    heartbeat_.stop();
    app_.stop([this] { io_.stop(); });
  }

  asio::io_context& io_;
  App& app_;
  Web& web_;
  const std::string config_file_;
  int exit_code_ = EX_OK;
  Heartbeat heartbeat_;
  asio::signal_set signals_, reload_;
};

// A drop-in on trial with which the gateway does not even start is taken back. Whether there was one.
bool take_back(const std::filesystem::path& data_dir, const std::string& why) {
  const bool was =
      downlink::take_back(log::posix_files(), data_dir / downlink::state_file_name, why, std::time(nullptr));
  if (was) say(Level::warning, "the drop-in on trial is taken back: " + why);
  return was;
}

// What a start begins with. What came through the downlink may not keep a
// remote gateway from starting: a drop-in on trial is taken back, and those that were good once, before an
// upgrade or a change by hand, are left out. The error is the exit code.
tl::expected<Setup, int> setup_of_start(const std::string& config_file, std::string& left_out) {
  auto setup = load_setup(config_file);
  if (setup) return std::move(*setup);
  if (take_back(guess_gateway(config_file).gateway.data_dir,
                "the gateway does not start with it: its configuration has faults"))
    throw TakenBack();
  const downlink::DropIns none;
  auto without = load_setup(config_file, &none);
  for (const auto& line : setup.error().lines) complain(line, 0);
  left_out = joined(setup.error().lines, "; ");
  if (!without) return tl::unexpected(setup.error().exit_code);
  return std::move(*without);
}

int run_once(const RunOptions& options) {
  std::string left_out;
  auto setup = setup_of_start(options.config_file, left_out);
  if (!setup) return setup.error();
  const auto data_dir = setup->config.gateway.data_dir;
  set_say_level(options.verbose ? Level::debug : level_from(setup->config.gateway.log_level));
  setup->forwarder.at_place = options.at_place;
  // If the slot is left, the one before it goes on with this log.
  setup->forwarder.keep_log_format = UpdateMachine("/").booted().trial;
  ::signal(SIGPIPE, SIG_IGN);
  raise_descriptor_limit();
  asio::io_context io(1);
  try {
    App app(io, std::move(setup->config), std::move(setup->forwarder));
    say(Level::info, "weather-gateway " + std::string(version()) + " starts as " + app.gateway_id() +
                         ", log " + app.log().id());
    report_unused(app.config());
    if (!left_out.empty()) app.note_left_out(left_out);
    Web web(io, app);
    Runner runner(io, app, web, options.config_file);
    runner.start();
    io.run();
    return runner.exit_code();
  } catch (const StartError& error) {
    // Another gateway may have the log: then it is not ours to touch.
    if (error.exit_code() != EX_TEMPFAIL &&
        take_back(data_dir, std::string("the gateway does not start with it: ") + error.what()))
      throw TakenBack();
    return complain(error.what(), error.exit_code());
  }
}

}  // namespace

int run_command(const RunOptions& options) {
  for (;;) {
    try {
      return run_once(options);
    } catch (const TakenBack&) {  // with what it was before
    }
  }
}

}  // namespace weather::gateway
