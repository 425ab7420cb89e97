#include <cstdio>
#include <cstdlib>
#include <functional>
#include <thread>

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <sysexits.h>

#include "gateway/commands/complain.hpp"
#include "gateway/commands/control_commands.hpp"
#include "gateway/commands/top_view.hpp"
#include "gateway/config/values.hpp"
#include "gateway/control/ask.hpp"
#include "gateway/output/print.hpp"
#include "gateway/output/terminal.hpp"

namespace weather::gateway {
namespace {

namespace asio = boost::asio;
namespace json = boost::json;

// One look at the gateway after the other. An error ends `top`; it has been
// said.
class Top {
 public:
  Top(const TopCommand& command, std::chrono::milliseconds interval)
      : command_(command), interval_(interval) {}

  tl::expected<std::vector<std::string>, int> screen(const TopOptions& options) {
    const auto status = ask(command_, "GET", "/api/v1/status"),
               sensors = ask(command_, "GET", "/api/v1/sensors");
    if (!status) return tl::unexpected(status.error());
    if (!sensors) return tl::unexpected(sensors.error());
    const auto parsed = json::parse(*status);
    before_.seconds = std::chrono::duration<double>(interval_).count();
    auto lines = top_screen(parsed, json::parse(*sensors), before_, options);
    before_ = top_counts(parsed);
    return lines;
  }

  // Without a terminal: one screen after the other, an empty line between them.
  int plain() {
    for (std::uint64_t shown = 0;; ++shown) {
      const auto lines = screen({120, 1'000'000, false});
      if (!lines) return lines.error();
      for (const auto& line : *lines) print_line(line);
      print_line("");
      if (!flush_output() || shown + 1 == command_.count) return EX_OK;
      std::this_thread::sleep_for(interval_);
    }
  }

  // q or Ctrl+C ends it.
  int live() {
    asio::io_context io(1);
    asio::steady_timer timer(io);
    int result = EX_OK;
    {
      Terminal terminal(io, [&io](char key) {
        if (key == 'q' || key == '\x03') io.stop();
      });
      std::uint64_t shown = 0;
      std::function<void()> draw = [&] {
        const auto lines = screen({terminal.width(), terminal.height(), std::getenv("NO_COLOR") == nullptr});
        if (!lines) {
          result = lines.error();
          return io.stop();
        }
        terminal.draw(*lines);
        if (++shown == command_.count) return io.stop();
        timer.expires_after(interval_);
        timer.async_wait([&](const boost::system::error_code& cancelled) {
          if (!cancelled) draw();
        });
      };
      draw();
      io.run();
    }
    return result;
  }

 private:
  const TopCommand& command_;
  const std::chrono::milliseconds interval_;
  TopBefore before_;
};

}  // namespace

int top_command(const TopCommand& command) {
  const auto interval = parse_duration(command.interval);
  if (!interval || interval->count() == 0)
    return complain(
        "--interval: " + (interval ? std::string("must be longer than nothing") : interval.error()),
        EX_USAGE);
  Top top(command, *interval);
  return Terminal::available() ? top.live() : top.plain();
}

}  // namespace weather::gateway
