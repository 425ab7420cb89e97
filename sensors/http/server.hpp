// What the connections share: limits, the sink, and who waits for which ticket. On the io thread.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/steady_timer.hpp>

#include "sensors/access/seldom.hpp"
#include "sensors/http/http_source.hpp"
#include "sensors/http/idempotency.hpp"
#include "sensors/http/rate_limiter.hpp"

namespace weather::sensors {

class HttpConnection;

class HttpServer : public std::enable_shared_from_this<HttpServer> {
 public:
  HttpServer(boost::asio::io_context& io, HttpOptions options, Sink& sink);
  void start();
  void stop();
  std::uint16_t port() const { return port_; }

  // Calls back with true when the ticket is durable, with false after the limit or stop().
  void wait_durable(Ticket ticket, std::function<void(bool durable)> done);
  void closed(const HttpConnection& connection);

  const HttpOptions options;
  Sink& sink;
  Seldom refusals;
  RateLimiter rates, relay_rates;
  IdempotencyCache idempotency;
  HttpStatus status;

 private:
  void accept_next();
  void admit(boost::asio::ip::tcp::socket socket);
  void became_durable(Ticket ticket);

  boost::asio::io_context& io_;
  std::shared_ptr<boost::asio::ssl::context> tls_;
  boost::asio::ip::tcp::acceptor acceptor_;
  std::uint16_t port_ = 0;
  boost::asio::steady_timer pause_;
  std::multimap<Ticket, std::shared_ptr<boost::asio::steady_timer>> waiting_;
  std::map<std::string, std::size_t> per_address_;
  std::set<std::shared_ptr<HttpConnection>> connections_;
};

}  // namespace weather::sensors
