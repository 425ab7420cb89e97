#include "sensors/http/connection.hpp"

#include <algorithm>
#include <functional>
#include <utility>

#include <boost/asio/write.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/write.hpp>

#include "sensors/decoders/ecowitt.hpp"
#include "sensors/decoders/form.hpp"
#include "sensors/decoders/wunderground.hpp"
#include "sensors/http/server.hpp"
#include "sensors/reading/json_text.hpp"

namespace weather::sensors {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using boost::system::error_code;

namespace {

constexpr std::chrono::milliseconds drain_time{1'000};
constexpr std::size_t max_idempotency_key = 255;

std::string_view view(boost::beast::string_view text) {
  return {text.data(), text.size()};
}

HttpAnswer problem(unsigned status, std::string_view error, std::string_view detail) {
  HttpAnswer answer{.status = status, .type = "application/json"};
  JsonMembers members;
  members.add("error", error);
  members.add("detail", detail);
  answer.body = members.take() + '\n';
  return answer;
}

HttpAnswer with_header(HttpAnswer answer, std::string name, std::string value) {
  answer.header = std::move(name);
  answer.header_value = std::move(value);
  return answer;
}

HttpAnswer not_stored(std::string_view why) {
  return with_header(problem(503, "not_stored", why), "Retry-After", "30");
}

HttpAnswer accepted(std::size_t readings) {
  HttpAnswer answer{.status = 202, .type = "application/json"};
  answer.body = "{\"accepted\":" + std::to_string(readings) + "}\n";
  return answer;
}

bool type_fits(PushRoute route, PushType type) {
  if (route == PushRoute::wunderground) return true;
  if (route == PushRoute::ecowitt) return type == PushType::form;
  return type != PushType::unsupported && type != PushType::form;
}

}  // namespace

HttpConnection::HttpConnection(std::shared_ptr<HttpServer> server, HttpStream stream, asio::ip::address peer)
    : server_(std::move(server)),
      stream_(std::move(stream)),
      local_(peer.is_loopback()),
      address_(peer.to_string()),
      timer_(stream_.get_executor()),
      memory_(server_->options.memory, Holder::http) {}

void HttpConnection::close() {
  boost::system::error_code ignored;
  stream_.socket().close(ignored);
  unlimit();
}

// Cancels what the socket does when the time is over; the operation then ends with operation_aborted.
void HttpConnection::limit(std::chrono::milliseconds time) {
  timer_.expires_after(time);
  timer_.async_wait([self = shared_from_this()](const boost::system::error_code& error) {
    // A handler that was already queued must not hit the next operation.
    if (error || self->timer_.expiry() > std::chrono::steady_clock::now()) return;
    self->timed_out_ = true;
    boost::system::error_code ignored;
    self->stream_.socket().cancel(ignored);
  });
}

void HttpConnection::unlimit() {
  timer_.expires_at(std::chrono::steady_clock::time_point::max());
}

void HttpConnection::start() {
  limit(server_->options.limits.head);
  stream_.async_handshake([self = shared_from_this()](const error_code& error) {
    self->unlimit();
    if (error) return self->finish();
    self->wait_for_request();
  });
}

void HttpConnection::finish() {
  close();
  server_->closed(*this);
}

void HttpConnection::wait_for_request() {
  memory_.release();
  parser_.reset();
  if (buffer_.size() > 0 || stream_.encrypted()) return read_head();
  limit(first_ ? server_->options.limits.head : server_->options.limits.idle);
  first_ = false;
  stream_.socket().async_wait(asio::socket_base::wait_read,
                              [self = shared_from_this()](const error_code& error) {
                                self->unlimit();
                                if (error) return self->finish();
                                self->read_head();
                              });
}

void HttpConnection::read_head() {
  const auto& limits = server_->options.limits;
  parser_.emplace();
  parser_->header_limit(static_cast<std::uint32_t>(limits.head_bytes));
  parser_->body_limit(limits.body_bytes);
  limit(stream_.encrypted() && !first_ ? limits.idle : limits.head);
  first_ = false;
  http::async_read_header(stream_, buffer_, *parser_,
                          [self = shared_from_this()](const error_code& error, std::size_t) {
                            self->unlimit();
                            self->on_head(error);
                          });
}

void HttpConnection::on_head(const error_code& error) {
  if (error == http::error::end_of_stream || !stream_.socket().is_open()) return finish();
  if (error && !parser_->got_some()) return finish();  // idle, and then gone or in the way
  if (error) return send(read_error(error));
  target_ = find_push_route(view(parser_->get().target()));
  auto refused = check_head();
  if (refused.status != 0) {
    refused.close = !parser_->is_done();
    return send(refused);
  }
  // The body and what it is decoded into. A chunked one says nothing about its length.
  const auto length = parser_->content_length();
  if (!memory_.resize(2 *
                      (length ? static_cast<std::size_t>(*length) : server_->options.limits.body_bytes))) {
    auto busy =
        with_header(problem(503, "no_memory", "too much is under way; try again"), "Retry-After", "5");
    busy.close = !parser_->is_done();
    return send(busy);
  }
  if (parser_->get()[http::field::expect].empty()) return read_body();
  static constexpr std::string_view go_on = "HTTP/1.1 100 Continue\r\n\r\n";
  asio::async_write(stream_, asio::buffer(go_on),
                    [self = shared_from_this()](const error_code& failed, std::size_t) {
                      if (failed) return self->finish();
                      self->read_body();
                    });
}

void HttpConnection::read_body() {
  if (parser_->is_done()) return handle();
  limit(server_->options.limits.body);
  http::async_read(stream_, buffer_, *parser_,
                   [self = shared_from_this()](const error_code& error, std::size_t) {
                     self->unlimit();
                     if (error) return self->send(self->read_error(error));
                     self->handle();
                   });
}

HttpAnswer HttpConnection::read_error(const error_code& error) const {
  HttpAnswer answer = problem(400, "bad_request", error.message());
  if (timed_out_) answer = problem(408, "timeout", "the request took too long");
  if (error == http::error::header_limit) answer = problem(431, "head_too_large", "the head is too large");
  if (error == http::error::body_limit) answer = problem(413, "body_too_large", "the body is too large");
  answer.close = true;
  return answer;
}

// What can be said before the body is read. Status 0: go on.
HttpAnswer HttpConnection::check_head() {
  const auto& options = server_->options;
  const auto& head = parser_->get();
  const auto& target = target_;
  const auto header = [&](http::field field) { return view(head[field]); };
  if (static_cast<std::size_t>(std::distance(head.begin(), head.end())) > options.limits.headers) {
    return problem(431, "too_many_headers", "more header lines than allowed");
  }
  if (target.route == PushRoute::unknown) return problem(404, "not_found", "nothing listens at this path");
  if (view(head.method_string()) != target.method) {
    return with_header(problem(405, "method_not_allowed", "another method is needed"), "Allow",
                       target.method);
  }
  client_ = address_;
  if (comes_from_another_page(header(http::field::origin), view(head["Sec-Fetch-Site"]),
                              header(http::field::host)))
    return problem(403, "foreign_page", "a page of another site may not push readings");
  if (target.route == PushRoute::readings) {
    const auto token = bearer_token(header(http::field::authorization));
    if (is_known_token(token, options.token_digests)) {
      client_ = sha256_hex(token);
    } else if (!options.token_digests.empty()) {
      return with_header(problem(401, "unauthorised", "a bearer token is needed"), "WWW-Authenticate",
                         "Bearer");
    } else if (!local_) {
      return problem(403, "forbidden", "no token is configured, so only this machine may push readings");
    }
  }
  if (const auto wait = server_->rates.take(client_, RateLimiter::Clock::now()); wait.count() > 0) {
    return with_header(problem(429, "too_many_requests", "slow down"), "Retry-After",
                       std::to_string((wait.count() + 999) / 1000));
  }
  const auto encoding = header(http::field::content_encoding);
  if (!type_fits(target.route, push_type(header(http::field::content_type))) ||
      (!encoding.empty() && encoding != "identity")) {
    return with_header(problem(415, "unsupported_type", "this content type or encoding is not read here"),
                       "Accept",
                       target.route == PushRoute::ecowitt
                           ? "application/x-www-form-urlencoded"
                           : "application/json, application/x-ndjson, application/senml+json");
  }
  if (const auto coding = header(http::field::transfer_encoding);
      !coding.empty() && !beast::iequals(coding, "chunked"))
    return problem(501, "transfer_encoding", "only chunked is read here");
  if (!header(http::field::trailer).empty()) return problem(400, "trailer", "trailers are not read here");
  const auto expect = header(http::field::expect);
  if (!expect.empty() && !beast::iequals(expect, "100-continue"))
    return problem(417, "expectation", "only 100-continue is known");
  return {.status = 0};
}

void HttpConnection::handle() {
  const auto& request = parser_->get();
  Message message;
  message.source = server_->options.name;
  message.topic = target_.path;
  message.traceparent = view(request["traceparent"]);
  message.tracestate = view(request["tracestate"]);
  if (target_.route == PushRoute::readings) {
    message.payload = request.body();
    return handle_readings(message);
  }
  const std::string form = redact_form(
      target_.route == PushRoute::wunderground ? std::string_view(target_.query) : request.body());
  message.payload = form;
  handle_console(message);
}

// A console understands nothing but success and repeats itself for ever otherwise: what it sent is kept raw
// even if it cannot be decoded.
void HttpConnection::handle_console(const Message& message) {
  const bool wunderground = target_.route == PushRoute::wunderground;
  const auto ticket =
      server_->sink.accept(message, wunderground ? decode_wunderground : decode_ecowitt, Waits::yes);
  if (!ticket) return send(not_stored(ticket.error().message()));
  HttpAnswer answer;
  answer.body = wunderground ? "success\n" : "OK";
  answer_durable(*ticket, std::move(answer));
}

// A program understands an error, so nothing is stored of a body that cannot be decoded.
void HttpConnection::handle_readings(const Message& message) {
  const auto& request = parser_->get();
  const auto now = IdempotencyCache::Clock::now();
  const auto key = view(request["Idempotency-Key"]);
  if (key.size() > max_idempotency_key)
    return send(problem(400, "bad_key", "the Idempotency-Key is too long"));
  const std::string known_as = key.empty() ? std::string{} : client_ + '\n' + std::string(key);
  const std::size_t body_hash = std::hash<std::string_view>{}(message.payload);
  if (const auto* before = key.empty() ? nullptr : server_->idempotency.find(known_as, now)) {
    if (before->body_hash == body_hash) return answer_durable(before->ticket, accepted(before->readings));
    return send(problem(422, "key_reused", "this Idempotency-Key came with another body before"));
  }
  auto decoded = decode_push(push_type(view(request[http::field::content_type])), message);
  if (!decoded) {
    const auto& error = decoded.error();
    return send(problem(error.reason == "too_many" ? 413 : 400, error.reason, error.text));
  }
  const std::size_t readings = decoded->size();
  const auto hand_over = [&](const Message&) -> Decoded { return std::move(*decoded); };
  const auto ticket = server_->sink.accept(message, hand_over, Waits::yes);
  if (!ticket) return send(not_stored(ticket.error().message()));
  if (!key.empty()) server_->idempotency.remember(known_as, {body_hash, *ticket, readings}, now);
  answer_durable(*ticket, accepted(readings));
}

void HttpConnection::answer_durable(Ticket ticket, HttpAnswer answer) {
  server_->wait_durable(ticket, [self = shared_from_this(), answer = std::move(answer)](bool durable) {
    if (durable) return self->send(answer);
    self->send(
        not_stored("not durable yet; a repeated request may be stored twice without an Idempotency-Key"));
  });
}

void HttpConnection::send(const HttpAnswer& answer) {
  const bool keep_alive = !answer.close && parser_->is_done() && parser_->get().keep_alive();
  const unsigned version = parser_->is_header_done() ? parser_->get().version() : 11;
  response_ = Response(static_cast<http::status>(answer.status), version);
  response_.set(http::field::content_type, answer.type);
  if (!answer.header.empty()) response_.set(answer.header, answer.header_value);
  response_.keep_alive(keep_alive);
  response_.body() = answer.body;
  response_.prepare_payload();
  ++server_->status.answers[answer.status];
  timed_out_ = false;
  limit(server_->options.limits.head);
  http::async_write(stream_, response_,
                    [self = shared_from_this(), keep_alive](const error_code& error, std::size_t) {
                      self->unlimit();
                      if (error) return self->finish();
                      if (keep_alive) return self->wait_for_request();
                      boost::system::error_code ignored;
                      self->stream_.socket().shutdown(asio::ip::tcp::socket::shutdown_send, ignored);
                      self->limit(drain_time);
                      self->drain(0);
                    });
}

// A socket closed with unread bytes resets the connection, and the peer never sees the answer.
void HttpConnection::drain(std::size_t total) {
  stream_.async_read_some(asio::buffer(scratch_),
                          [self = shared_from_this(), total](const error_code& error, std::size_t bytes) {
                            const std::size_t all = total + bytes;
                            if (error || all >= self->server_->options.limits.body_bytes)
                              return self->finish();
                            self->drain(all);
                          });
}

}  // namespace weather::sensors
