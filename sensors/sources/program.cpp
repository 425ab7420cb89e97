#include "sensors/sources/program.hpp"

#include <array>
#include <deque>
#include <fstream>
#include <stdexcept>
#include <utility>
#include <vector>

#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/steady_timer.hpp>
#include <unistd.h>

#include "sensors/sources/cut_off.hpp"
#include "sensors/sources/deaf_watch.hpp"
#include "sensors/sources/line_splitter.hpp"
#include "sensors/sources/local_socket.hpp"

namespace weather::sensors {
namespace {

namespace asio = boost::asio;
using asio::local::stream_protocol;
using Error = boost::system::error_code;
using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds store_again{200}, look_every{1000};

stream_protocol::acceptor listen_on(asio::io_context& io, const std::filesystem::path& path) {
  std::filesystem::create_directories(path.parent_path());
  auto acceptor = listen_at(io, path, "remove it");
  if (!acceptor) throw std::runtime_error(acceptor.error());
  return std::move(*acceptor);
}

}  // namespace

class ProgramSource::Impl : public std::enable_shared_from_this<Impl> {
 public:
  Impl(asio::io_context& io, ProgramOptions options, Sink& sink)
      : options_(std::move(options)),
        sink_(sink),
        acceptor_(listen_on(io, options_.socket)),
        watch_timer_(io),
        watch_(options_.deaf_after, Clock::now()) {}

  void start() {
    watch_.heard(Clock::now());
    accept();
    look();
  }

  void stop() {
    Error ignored;
    acceptor_.close(ignored);
    watch_timer_.cancel();
    for (auto& connection : connections_) close(*connection);
    connections_.clear();
    if (!std::exchange(removed_, true)) ::unlink(options_.socket.c_str());
  }

  ProgramStatus status() const {
    auto now = status_;
    now.connections = connections_.size();
    return now;
  }

 private:
  struct Connection {
    explicit Connection(stream_protocol::socket accepted)
        : socket(std::move(accepted)), timer(socket.get_executor()) {}
    stream_protocol::socket socket;
    asio::steady_timer timer;
    LineSplitter splitter{max_payload_bytes};
    std::array<char, 4096> buffer{};
    struct Line {
      std::string text;
      std::size_t cut_off;
    };
    std::deque<Line> waiting;  // of the bytes in hand
    bool again = false, ended = false;
  };
  using Shared = std::shared_ptr<Connection>;

  void accept() {
    acceptor_.async_accept([self = shared_from_this()](const Error& error, stream_protocol::socket socket) {
      if (error == asio::error::operation_aborted) return;
      if (!error) self->begin(std::move(socket));
      if (self->acceptor_.is_open()) self->accept();
    });
  }

  void begin(stream_protocol::socket socket) {
    if (connections_.size() >= ProgramOptions::most_connections) {
      options_.say("a program more than it has places for is turned away");
      return;
    }
    ++status_.starts;
    watch_.heard(Clock::now());
    read(connections_.emplace_back(std::make_shared<Connection>(std::move(socket))));
  }

  void read(const Shared& connection) {
    connection->socket.async_read_some(
        asio::buffer(connection->buffer),
        [self = shared_from_this(), connection](const Error& error, std::size_t bytes) {
          if (error == asio::error::operation_aborted) return;
          const auto keep = [&](const LineSplitter::Line& line) {
            connection->waiting.push_back({std::string(line.text), line.cut_off});
          };
          if (error) {
            connection->splitter.finish(keep);
            connection->ended = true;
          } else {
            self->watch_.heard(Clock::now());
            connection->splitter.feed({connection->buffer.data(), bytes}, keep);
          }
          self->offer(connection);
        });
  }

  // Reads on once everything before is stored.
  void offer(const Shared& connection) {
    for (auto& waiting = connection->waiting; !waiting.empty(); waiting.pop_front()) {
      if (store(*connection)) continue;
      connection->timer.expires_after(store_again);
      connection->timer.async_wait([self = shared_from_this(), connection](const Error& cancelled) {
        if (!cancelled) self->offer(connection);
      });
      return;
    }
    if (!connection->ended) return read(connection);
    close(*connection);
    std::erase(connections_, connection);
  }

  bool store(Connection& connection) {
    const auto& line = connection.waiting.front();
    Message message;
    message.source = options_.name;
    message.topic = options_.name;
    message.payload = line.text;
    message.again = connection.again;
    const auto decode = line.cut_off > 0 ? refuse_cut_off(line.cut_off) : options_.decode;
    connection.again = !sink_.accept(message, decode, Waits::no).has_value();
    if (connection.again) return false;
    ++status_.lines;
    if (line.cut_off > 0) ++status_.too_long;
    return true;
  }

  static void close(Connection& connection) {
    Error ignored;
    connection.timer.cancel();
    connection.socket.close(ignored);
  }

  void look() {
    watch_timer_.expires_after(look_every);
    watch_timer_.async_wait([self = shared_from_this()](const Error& cancelled) {
      if (cancelled) return;
      if (self->watch_.is_deaf(Clock::now())) self->ask_for_a_start();
      self->look();
    });
  }

  void ask_for_a_start() {
    ++status_.deaf;
    std::error_code no_folder;
    std::filesystem::create_directories(options_.deaf.parent_path(), no_folder);
    const bool made = std::ofstream(options_.deaf).good();
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(options_.deaf_after).count();
    options_.say("it has said nothing for " + std::to_string(seconds) + " s; " +
                 (made
                      ? options_.deaf.string() + " asks for a new start"
                      : "a new start cannot be asked for: " + options_.deaf.string() + " cannot be written"));
  }

  const ProgramOptions options_;
  Sink& sink_;
  stream_protocol::acceptor acceptor_;
  asio::steady_timer watch_timer_;
  DeafWatch watch_;
  std::vector<Shared> connections_;
  bool removed_ = false;
  ProgramStatus status_;
};

ProgramSource::ProgramSource(asio::io_context& io, ProgramOptions options, Sink& sink)
    : impl_(std::make_shared<Impl>(io, std::move(options), sink)) {}
ProgramSource::~ProgramSource() {
  impl_->stop();
}
void ProgramSource::start() {
  impl_->start();
}
void ProgramSource::stop() {
  impl_->stop();
}
ProgramStatus ProgramSource::status() const {
  return impl_->status();
}

}  // namespace weather::sensors
