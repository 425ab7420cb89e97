#include "sensors/http/server.hpp"

#include <utility>

#include <boost/asio/post.hpp>

#include "sensors/http/connection.hpp"
#include "sensors/http/tls_context.hpp"

namespace weather::sensors {

namespace asio = boost::asio;
using asio::ip::tcp;

HttpServer::HttpServer(asio::io_context& io, HttpOptions http_options, Sink& http_sink)
    : options(std::move(http_options)),
      sink(http_sink),
      rates(options.limits.requests_per_s, options.limits.burst),
      relay_rates(options.limits.relay_requests_per_s, options.limits.relay_burst),
      io_(io),
      tls_(options.cert_file.empty()
               ? nullptr
               : make_tls_context(options.cert_file, options.key_file, options.client_ca_file)),
      acceptor_(io),
      pause_(io) {
  const tcp::endpoint endpoint(asio::ip::make_address(options.address), options.port);
  acceptor_.open(endpoint.protocol());
  acceptor_.set_option(asio::socket_base::reuse_address(true));
  acceptor_.bind(endpoint);
  acceptor_.listen();
  port_ = acceptor_.local_endpoint().port();
}

void HttpServer::start() {
  sink.on_durable([weak = weak_from_this(), &io = io_](Ticket ticket) {
    if (weak.expired()) return;
    asio::post(io, [weak, ticket] {
      if (const auto self = weak.lock()) self->became_durable(ticket);
    });
  });
  accept_next();
}

void HttpServer::stop() {
  boost::system::error_code ignored;
  acceptor_.close(ignored);
  pause_.cancel();
  for (const auto& connection : std::exchange(connections_, {})) connection->close();
  for (const auto& [ticket, timer] : waiting_) timer->cancel();
}

void HttpServer::accept_next() {
  acceptor_.async_accept(
      [self = shared_from_this()](const boost::system::error_code& error, tcp::socket socket) {
        if (!self->acceptor_.is_open()) return;
        if (!error) {
          self->admit(std::move(socket));
          self->accept_next();
          return;
        }
        // Out of descriptors, most likely: let some connections end first.
        self->pause_.expires_after(std::chrono::milliseconds(100));
        self->pause_.async_wait([self](const boost::system::error_code& stopped) {
          if (!stopped) self->accept_next();
        });
      });
}

void HttpServer::admit(tcp::socket socket) {
  boost::system::error_code error;
  const auto peer = socket.remote_endpoint(error);
  if (error) return;
  const std::string address = peer.address().to_string();
  if (connections_.size() >= options.limits.connections ||
      per_address_[address] >= options.limits.connections_per_address) {
    ++status.refused_connections;
    return;  // closes
  }
  ++per_address_[address];
  ++status.accepted_connections;
  const auto connection = std::make_shared<HttpConnection>(
      shared_from_this(), HttpStream(std::move(socket), tls_), peer.address());
  connections_.insert(connection);
  status.connections = connections_.size();
  connection->start();
}

void HttpServer::closed(const HttpConnection& connection) {
  const auto address = per_address_.find(connection.address());
  if (address != per_address_.end() && --address->second == 0) per_address_.erase(address);
  std::erase_if(connections_, [&](const auto& open) { return open.get() == &connection; });
  status.connections = connections_.size();
}

void HttpServer::wait_durable(Ticket ticket, std::function<void(bool durable)> done) {
  if (ticket <= sink.durable()) return done(true);
  const auto timer = std::make_shared<asio::steady_timer>(io_, options.limits.durable);
  const auto place = waiting_.emplace(ticket, timer);
  timer->async_wait(
      [self = shared_from_this(), ticket, place, done = std::move(done)](const boost::system::error_code&) {
        self->waiting_.erase(place);
        done(ticket <= self->sink.durable());
      });
}

void HttpServer::became_durable(Ticket ticket) {
  for (auto i = waiting_.begin(); i != waiting_.end() && i->first <= ticket; ++i) i->second->cancel();
}

HttpSource::HttpSource(asio::io_context& io, HttpOptions options, Sink& sink)
    : server_(std::make_shared<HttpServer>(io, std::move(options), sink)) {}
HttpSource::~HttpSource() {
  stop();
}
void HttpSource::start() {
  server_->start();
}
void HttpSource::stop() {
  server_->stop();
}
std::uint16_t HttpSource::port() const {
  return server_->port();
}
const HttpStatus& HttpSource::status() const {
  return server_->status;
}

}  // namespace weather::sensors
