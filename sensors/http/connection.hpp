// One HTTP connection: reads requests within the limits, answers when what they brought is durable.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include <boost/asio/ip/address.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

#include "sensors/budget/memory_budget.hpp"
#include "sensors/http/answers.hpp"
#include "sensors/http/http_stream.hpp"
#include "sensors/http/push.hpp"
#include "sensors/sink.hpp"

namespace weather::sensors {

class HttpServer;

class HttpConnection : public std::enable_shared_from_this<HttpConnection> {
 public:
  HttpConnection(std::shared_ptr<HttpServer> server, HttpStream stream, boost::asio::ip::address peer);
  void start();
  void close();
  const std::string& address() const { return address_; }

 private:
  using Parser = boost::beast::http::request_parser<boost::beast::http::string_body>;
  using Response = boost::beast::http::response<boost::beast::http::string_body>;

  // One request after the other, each step started by the end of the one before.
  void wait_for_request();
  void read_head();
  void on_head(const boost::system::error_code& error);
  void read_body();
  void handle();
  void handle_console(const Message& message);
  void handle_readings(const Message& message);
  void handle_relay(std::string_view batch);
  void answer_durable(Ticket ticket, HttpAnswer answer);
  void send(const HttpAnswer& answer);
  void say_refused(const HttpAnswer& answer);
  void drain(std::size_t total);
  void finish();

  HttpAnswer check_head();
  HttpAnswer check_browser() const;
  HttpAnswer check_sender();
  HttpAnswer read_error(const boost::system::error_code& error) const;
  std::chrono::milliseconds idle_limit() const;
  void limit(std::chrono::milliseconds time);
  void unlimit();

  const std::shared_ptr<HttpServer> server_;
  HttpStream stream_;
  const bool local_;
  const std::string address_;
  boost::asio::steady_timer timer_;
  boost::beast::flat_buffer buffer_;
  Reservation memory_;  // for the body
  std::optional<IdRule> ids_;
  std::optional<Parser> parser_;
  PushTarget target_;
  Response response_;
  char scratch_[4096];
  std::string client_;            // whom the rate limit counts: a token's digest or the address
  std::string party_;             // whose share of places its readings use
  std::string user_;              // whose token it is, or the name in the certificate; empty: unknown
  std::string certificate_name_;  // of a certificate that client_ca_file answers for
  bool timed_out_ = false, first_ = true;
  bool relays_ = false;  // another gateway is there, and keeps the connection
};

}  // namespace weather::sensors
