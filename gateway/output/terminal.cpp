#include "gateway/output/terminal.hpp"

#include <array>
#include <utility>

#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include "gateway/output/print.hpp"

namespace weather::gateway {
namespace {

std::pair<std::size_t, std::size_t> window() {
  winsize size{};
  if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return {80, 24};
  return {size.ws_col, size.ws_row};
}

}  // namespace

struct Terminal::Impl {
  Impl(boost::asio::io_context& io, std::function<void(char)> key)
      : input(io, ::dup(STDIN_FILENO)), on_key(std::move(key)) {
    ::tcgetattr(STDIN_FILENO, &before);
    termios raw = before;
    raw.c_lflag &= ~static_cast<tcflag_t>(ICANON | ECHO);  // Ctrl+C keeps its meaning
    raw.c_cc[VSUSP] = _POSIX_VDISABLE;                     // Ctrl+Z would leave the screen as it is
    ::tcsetattr(STDIN_FILENO, TCSANOW, &raw);
    print_screen(screen::open);  // another screen, no cursor
    read();
  }
  ~Impl() {
    print_screen(screen::close);
    ::tcsetattr(STDIN_FILENO, TCSANOW, &before);
  }
  void read() {
    input.async_read_some(boost::asio::buffer(keys),
                          [this](const boost::system::error_code& error, std::size_t count) {
                            if (error) return;
                            for (std::size_t i = 0; i < count; ++i) on_key(keys[i]);
                            read();
                          });
  }

  boost::asio::posix::stream_descriptor input;
  std::function<void(char)> on_key;
  std::array<char, 16> keys{};
  termios before{};
};

std::size_t terminal_width() {
  return window().first;
}

Terminal::Terminal(boost::asio::io_context& io, std::function<void(char)> key)
    : impl_(std::make_unique<Impl>(io, std::move(key))) {}

Terminal::~Terminal() = default;

bool Terminal::available() {
  return ::isatty(STDIN_FILENO) != 0 && ::isatty(STDOUT_FILENO) != 0;
}

std::size_t Terminal::width() const {
  return window().first;
}

std::size_t Terminal::height() const {
  return window().second;
}

void Terminal::draw(const std::vector<std::string>& lines) {
  std::string out(screen::home);
  for (const auto& line : lines) ((out += line) += screen::clear_line) += "\r\n";
  print_screen(out += screen::clear_below);
}

}  // namespace weather::gateway
