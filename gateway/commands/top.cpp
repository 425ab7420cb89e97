#include <chrono>
#include <functional>
#include <thread>

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <signal.h>
#include <sysexits.h>

#include "gateway/commands/control_commands.hpp"
#include "gateway/config/values.hpp"
#include "gateway/control/ask.hpp"
#include "gateway/control/client.hpp"
#include "gateway/output/complain.hpp"
#include "gateway/output/print.hpp"
#include "gateway/output/style.hpp"
#include "gateway/output/terminal.hpp"
#include "gateway/top/model.hpp"

namespace weather::gateway {
namespace {

namespace asio = boost::asio;
namespace json = boost::json;

// How long an Esc waits for the rest of a sequence, and a question for its answer: keys wait meanwhile.
constexpr std::chrono::milliseconds escape_wait{50};
constexpr std::chrono::seconds answer_wait{5};

class Top {
 public:
  Top(const TopCommand& command, ControlPlace place, std::chrono::milliseconds interval)
      : command_(command), place_(std::move(place)), interval_(interval) {}

  // One look. The error says why there was no answer.
  tl::expected<void, std::string> look() {
    const auto status = control_call(place_.socket, "GET", "/api/v1/status", {}, answer_wait);
    if (!status) return tl::unexpected(status.error());
    const auto sensors = control_call(place_.socket, "GET", "/api/v1/sensors", {}, answer_wait);
    if (!sensors) return tl::unexpected(sensors.error());
    if (status->status != 200) return tl::unexpected(status->body);
    if (sensors->status != 200) return tl::unexpected(sensors->body);
    model_.look(json::parse(status->body), json::parse(sensors->body));
    return {};
  }

  // Without a terminal: one screen after the other, an empty line between them.
  int plain() {
    for (std::uint64_t shown = 0;; ++shown) {
      if (const auto seen = look(); !seen) return no_answer(command_, place_, seen.error());
      for (const auto& line : model_.lines({120, 24, false, false})) print_line(line);
      print_line("");
      if (!flush_output() || shown + 1 == command_.count) return EX_OK;
      std::this_thread::sleep_for(interval_);
    }
  }

  int live() {
    // Who is not there at the start is said so; who goes away later is waited for.
    if (const auto seen = look(); !seen) return no_answer(command_, place_, seen.error());
    asio::io_context io(1);
    asio::steady_timer next(io), escape(io);
    asio::signal_set resized(io, SIGWINCH), ended(io, SIGINT, SIGTERM, SIGHUP);
    ended.async_wait(
        [&io](const boost::system::error_code&, int) { io.stop(); });  // and the screen is put back
    KeyDecoder keys;
    std::uint64_t shown = 0;
    const bool colour = colour_wanted();

    std::function<void()> draw;
    const auto act = [&](const std::optional<Key>& key) {
      const auto action = key ? model_.press(*key) : TopModel::Action::none;
      if (action == TopModel::Action::quit) io.stop();
      if (action == TopModel::Action::draw) draw();
    };
    Terminal terminal(io, [&](char byte) {
      act(keys.take(byte));
      escape.expires_after(escape_wait);
      escape.async_wait([&](const boost::system::error_code& cancelled) {
        if (!cancelled) act(keys.flush());
      });
    });
    draw = [&] { terminal.draw(model_.lines({terminal.width(), terminal.height(), colour, true})); };
    std::function<void()> wait_for_size = [&] {
      resized.async_wait([&](const boost::system::error_code& cancelled, int) {
        if (cancelled) return;
        draw();
        wait_for_size();
      });
    };
    std::function<void()> tick = [&] {
      draw();
      if (++shown == command_.count) return io.stop();
      next.expires_after(interval_);
      next.async_wait([&](const boost::system::error_code& cancelled) {
        if (cancelled) return;
        if (const auto seen = look(); !seen) model_.miss(seen.error());
        tick();
      });
    };
    wait_for_size();
    tick();
    io.run();
    return EX_OK;
  }

 private:
  const TopCommand& command_;
  const ControlPlace place_;
  const std::chrono::milliseconds interval_;
  TopModel model_;
};

}  // namespace

int top_command(const TopCommand& command) {
  const auto interval = parse_duration(command.interval);
  if (!interval || interval->count() == 0)
    return complain(
        "--interval: " + (interval ? std::string("must be longer than nothing") : interval.error()),
        EX_USAGE);
  const auto place = socket_of(command);
  if (!place.faults.lines.empty()) complain_of_faults(command, place);
  Top top(command, place, *interval);
  return Terminal::available() ? top.live() : top.plain();
}

}  // namespace weather::gateway
