#include "gateway/demo/demo.hpp"

#include <cstdio>
#include <cstdlib>

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <signal.h>
#include <sysexits.h>

#include "gateway/commands/commands.hpp"
#include "gateway/config/values.hpp"
#include "gateway/output/complain.hpp"
#include "gateway/output/print.hpp"
#include "gateway/output/say.hpp"
#include "gateway/output/terminal.hpp"

namespace weather::gateway {
namespace {

namespace asio = boost::asio;

// One line a second where there is no terminal.
class Lines {
 public:
  void show(const DemoView& view) {
    const auto second = view.elapsed.count() / 1000;
    if (second == last_) return;
    last_ = second;
    print_line(demo_line(view));
    flush_output();
  }

 private:
  std::int64_t last_ = -1;
};

void print_end(const Score& score, bool json) {
  if (json) {
    print_json(to_json(score));
    return;
  }
  print_line(format(
      "accepted %llu, delivered %llu, lost %llu, duplicates %llu: %s",
      static_cast<unsigned long long>(score.accepted), static_cast<unsigned long long>(score.delivered),
      static_cast<unsigned long long>(score.lost), static_cast<unsigned long long>(score.duplicates),
      score.lost == 0 ? "every reading that was accepted reached Kafka" : "READINGS ARE MISSING"));
}

}  // namespace

int demo_command(const DemoOptions& options) {
  DemoSettings settings;
  settings.rate = options.rate;
  if (!options.duration.empty()) {
    const auto duration = parse_duration(options.duration);
    if (!duration) return complain("--for: " + duration.error(), EX_USAGE);
    settings.duration = *duration;
  }
  const auto script = parse_script(options.quiet_link       ? std::string_view{}
                                   : options.script.empty() ? default_script
                                                            : std::string_view(options.script));
  if (!script) return complain("--script: " + script.error(), EX_USAGE);
  settings.script = *script;

  ::signal(SIGPIPE, SIG_IGN);
  asio::io_context io(1);
  std::unique_ptr<Demo> demo;
  std::unique_ptr<Terminal> terminal;
  Lines lines;
  // The screen, or the result, tells everything; the gateway's own lines would
  // only tear it.
  init_say(Level::error);
  const auto show = [&](const DemoView& view) {
    if (terminal)
      terminal->draw(
          demo_screen(view, terminal->width(), terminal->height(), std::getenv("NO_COLOR") == nullptr));
    else if (!options.json)
      lines.show(view);
  };
  try {
    demo = std::make_unique<Demo>(io, settings, show, [&] { io.stop(); });
  } catch (const StartError& error) {
    return complain(error.what(), error.exit_code());
  }
  asio::signal_set signals(io, SIGINT, SIGTERM);
  signals.async_wait([&](const boost::system::error_code& error, int) {
    if (!error) demo->end();
    signals.clear();
  });
  if (!options.json && Terminal::available())
    terminal = std::make_unique<Terminal>(io, [&](char key) {
      if (key == 'o') demo->toggle_link();
      if (key == 'q') demo->end();
    });
  else if (!options.json)
    print_line("see it with: " + demo->kcat_hint());
  io.run();
  terminal.reset();
  const auto score = demo->score();
  print_end(score, options.json);
  return score.delivered == score.accepted && score.accepted > 0 && score.foreign == 0 ? EX_OK : EX_SOFTWARE;
}

}  // namespace weather::gateway
