#include "gateway/http/server.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/basic_stream.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <unistd.h>

#include "gateway/http/session.hpp"
#include "sensors/sources/local_socket.hpp"

namespace weather::gateway {

namespace asio = boost::asio;
using asio::generic::stream_protocol;

struct HttpServer::Impl : std::enable_shared_from_this<HttpServer::Impl> {
  Impl(asio::io_context& context, HttpHandler handle, HttpLimits given)
      : io(context), shared{std::move(handle), given} {}

  template <class Acceptor>
  void accept(Acceptor& acceptor, bool is_control) {
    acceptor.async_accept([self = shared_from_this(), &acceptor, is_control](
                              const boost::system::error_code& error, auto socket) {
      if (error == asio::error::operation_aborted || !acceptor.is_open()) return;
      if (!error) {
        const auto address = is_control ? std::string() : address_of(socket);
        self->serve(stream_protocol::socket(std::move(socket)), is_control, address);
      }
      // Out of descriptors: trying at once would only spin.
      if (error && error != asio::error::connection_aborted) return self->accept_later(acceptor, is_control);
      self->accept(acceptor, is_control);
    });
  }

  template <class Acceptor>
  void accept_later(Acceptor& acceptor, bool is_control) {
    auto pause = std::make_shared<asio::steady_timer>(io, std::chrono::seconds(1));
    pause->async_wait(
        [self = shared_from_this(), &acceptor, is_control, pause](const boost::system::error_code&) {
          if (acceptor.is_open()) self->accept(acceptor, is_control);
        });
  }

  static std::string address_of(const asio::ip::tcp::socket& socket) {
    boost::system::error_code gone;
    const auto remote = socket.remote_endpoint(gone);
    return gone ? "gone" : remote.address().to_string();
  }
  static std::string address_of(const asio::local::stream_protocol::socket&) { return {}; }

  // A connection beyond the limits is closed at once. The control socket is never crowded out by browsers.
  void serve(stream_protocol::socket socket, bool is_control, const std::string& address) {
    if (!is_control) {
      if (shared.connections >= shared.limits.connections) return;
      const auto found = shared.by_address.find(address);
      if (found != shared.by_address.end() && found->second >= shared.limits.connections_per_address) return;
      if (shared.tls && shared.handshakes.take(address, sensors::RateLimiter::Clock::now()).count() > 0)
        return;
    }
    asio::co_spawn(io, serve_http(std::move(socket), shared, address, shared_from_this()), asio::detached);
  }

  asio::io_context& io;
  HttpShared shared;
  std::vector<std::unique_ptr<asio::ip::tcp::acceptor>> acceptors;
  std::unique_ptr<asio::local::stream_protocol::acceptor> control;
  std::filesystem::path control_path;
};

HttpServer::HttpServer(asio::io_context& io, HttpHandler handler, HttpLimits limits)
    : impl_(std::make_shared<Impl>(io, std::move(handler), limits)) {}

HttpServer::~HttpServer() {
  for (const auto& acceptor : impl_->acceptors) acceptor->close();
  if (impl_->control) {
    impl_->control->close();
    ::unlink(impl_->control_path.c_str());
  }
}

std::uint16_t HttpServer::listen(const std::string& address, std::uint16_t port, std::string& error) {
  boost::system::error_code code;
  const auto ip = asio::ip::make_address(address == "localhost" ? "127.0.0.1" : address, code);
  if (code) {
    error = "\"" + address + "\" is not an address";
    return 0;
  }
  try {
    auto acceptor = std::make_unique<asio::ip::tcp::acceptor>(impl_->io, asio::ip::tcp::endpoint(ip, port));
    port = acceptor->local_endpoint().port();
    impl_->accept(*impl_->acceptors.emplace_back(std::move(acceptor)), false);
    return port;
  } catch (const boost::system::system_error& failure) {
    error = address + ":" + std::to_string(port) + " cannot be listened on: " + failure.code().message();
    return 0;
  }
}

void HttpServer::set_tls(std::shared_ptr<asio::ssl::context> tls) {
  impl_->shared.tls = std::move(tls);
}

bool HttpServer::listen_control(const std::filesystem::path& socket, std::string& error) {
  auto acceptor = sensors::listen_at(impl_->io, socket, "name another gateway.control_socket");
  if (!acceptor) {
    error = std::move(acceptor.error());
    return false;
  }
  impl_->control = std::make_unique<asio::local::stream_protocol::acceptor>(std::move(*acceptor));
  impl_->control_path = socket;
  impl_->accept(*impl_->control, true);
  return true;
}

}  // namespace weather::gateway
