#include "sensors/http/connection.hpp"

#include <algorithm>
#include <functional>
#include <utility>

#include <boost/asio/write.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/write.hpp>

#include "sensors/decoders/form.hpp"
#include "sensors/http/framing.hpp"
#include "sensors/http/server.hpp"
#include "sensors/reading/json_text.hpp"
#include "sensors/relay_door.hpp"

namespace weather::sensors {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using boost::system::error_code;

namespace {

constexpr std::chrono::milliseconds drain_time{1'000};
constexpr std::size_t max_idempotency_key = 255;

HttpAnswer accepted(std::size_t readings) {
  HttpAnswer answer{.status = 202, .type = "application/json"};
  answer.body = "{\"accepted\":" + std::to_string(readings) + "}\n";
  return answer;
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

std::chrono::milliseconds HttpConnection::idle_limit() const {
  return relays_ ? server_->options.limits.relay_idle : server_->options.limits.idle;
}

void HttpConnection::unlimit() {
  timer_.expires_at(std::chrono::steady_clock::time_point::max());
}

void HttpConnection::start() {
  limit(server_->options.limits.head);
  stream_.async_handshake([self = shared_from_this()](const error_code& error) {
    self->unlimit();
    if (error) return self->finish();
    self->certificate_name_ = self->stream_.peer_name();
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
  limit(first_ ? server_->options.limits.head : idle_limit());
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
  limit(stream_.encrypted() && !first_ ? idle_limit() : limits.head);
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
  target_ = find_push_route(head_text(parser_->get().target()));
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
  if (!waits_for_continue(head_text(parser_->get()[http::field::expect]))) return read_body();
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

void HttpConnection::handle() {
  const auto& request = parser_->get();
  Message message;
  message.source = server_->options.name;
  message.topic = target_.path;
  message.party = party_;
  message.traceparent = head_text(request["traceparent"]);
  message.tracestate = head_text(request["tracestate"]);
  if (target_.route == PushRoute::relay) return handle_relay(request.body());
  if (target_.route == PushRoute::readings) {
    message.payload = request.body();
    return handle_readings(message);
  }
  const std::string form = console_form(target_, request.body());
  message.payload = form;
  handle_console(message);
}

// A console understands nothing but success and repeats itself for ever otherwise: what it sent is kept raw
// even if it cannot be decoded.
void HttpConnection::handle_console(const Message& message) {
  const auto decode = [route = target_.route](const Message& one) { return decode_console(route, one); };
  const auto ticket = server_->sink.accept(message, decode, Waits::yes);
  if (!ticket) return send(not_stored(ticket.error().message()));
  HttpAnswer answer;
  answer.body = target_.route == PushRoute::wunderground ? "success\n" : "OK";
  answer_durable(*ticket, std::move(answer));
}

// A program understands an error, so nothing is stored of a body that cannot be decoded.
void HttpConnection::handle_readings(const Message& message) {
  const auto& request = parser_->get();
  const auto now = IdempotencyCache::Clock::now();
  const auto key = head_text(request["Idempotency-Key"]);
  if (key.size() > max_idempotency_key)
    return send(problem(400, "bad_key", "the Idempotency-Key is too long"));
  const std::string known_as = key.empty() ? std::string{} : client_ + '\n' + std::string(key);
  const std::size_t body_hash = std::hash<std::string_view>{}(message.payload);
  if (const auto* before = key.empty() ? nullptr : server_->idempotency.find(known_as, now)) {
    if (before->body_hash == body_hash) return answer_durable(before->ticket, accepted(before->readings));
    return send(problem(422, "key_reused", "this Idempotency-Key came with another body before"));
  }
  auto decoded = decode_push(push_type(head_text(request[http::field::content_type])), message);
  if (!decoded) {
    const auto& error = decoded.error();
    return send(problem(error.reason == "too_many" ? 413 : 400, error.reason, error.text));
  }
  const std::size_t readings = decoded->size();
  const auto hand_over = [&](const Message&) -> Decoded { return std::move(*decoded); };
  IdCheck check{ids_ ? &*ids_ : nullptr};
  Message bound = message;
  if (ids_) bound.ids = &check;
  const auto ticket = server_->sink.accept(bound, hand_over, Waits::yes);
  if (!ticket && ticket.error() == AccessErrc::foreign_id) {
    ++server_->status.not_authorized;
    return send(problem(
        403, "not_authorized",
        "sensor " + check.refused + " is not one of user \"" + ids_->user + "\"; nothing was stored"));
  }
  if (!ticket) return send(not_stored(ticket.error().message()));
  if (!key.empty()) server_->idempotency.remember(known_as, {body_hash, *ticket, readings}, now);
  answer_durable(*ticket, accepted(readings));
}

// What the log has no room for now comes again: the sender has it on its card.
void HttpConnection::handle_relay(std::string_view batch) {
  auto reply =
      server_->options.relay->take(batch, server_->options.ids_of_user ? std::string_view(user_) : "");
  if (reply.status == 503) return send(not_stored(reply.detail, "5"));
  if (reply.status != 200) return send(problem(reply.status, reply.error, reply.detail));
  relays_ = true;
  HttpAnswer answer{.status = 200, .body = std::move(reply.body), .type = "application/json"};
  answer_durable(reply.ticket, std::move(answer));
}

void HttpConnection::answer_durable(Ticket ticket, HttpAnswer answer) {
  server_->wait_durable(ticket, [self = shared_from_this(), answer = std::move(answer)](bool durable) {
    if (durable) return self->send(answer);
    self->send(not_stored(self->target_.route == PushRoute::relay
                              ? "not durable yet"
                              : "not durable yet; a repeated request may be stored twice without an "
                                "Idempotency-Key"));
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
  if (answer.status >= 400 && answer.status != 503) say_refused(answer);
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

// Without the query: it holds secrets.
void HttpConnection::say_refused(const HttpAnswer& answer) {
  const auto whose = ids_ ? ids_->user : address_;
  const auto count = server_->refusals.event(whose + ' ' + answer.error, Seldom::Clock::now());
  if (!count || !server_->options.say) return;
  const auto method = to_utf8(head_text(parser_->get().method_string()), 16);
  const auto path = to_utf8(target_.path, 64);
  server_->options.say("refused " + (method.empty() ? "a request" : method) +
                       (path.empty() ? "" : " " + path) + " from " + address_ + " (" +
                       std::to_string(answer.status) + "): " + answer.why + and_more(*count));
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
