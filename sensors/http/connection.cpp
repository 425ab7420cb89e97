#include "sensors/http/connection.hpp"

#include <algorithm>
#include <functional>
#include <utility>

#include <boost/asio/write.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/write.hpp>

#include "sensors/access/browser.hpp"
#include "sensors/access/party.hpp"
#include "sensors/decoders/form.hpp"
#include "sensors/http/framing.hpp"
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
  answer.error = error;
  answer.why = detail;
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
  if (route != PushRoute::readings) return type == PushType::form || type == PushType::none;
  return type == PushType::json || type == PushType::ndjson || type == PushType::senml;
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
  if (!waits_for_continue(view(parser_->get()[http::field::expect]))) return read_body();
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
  const auto method = view(head.method_string());
  if (!target.allows(method)) {
    return with_header(problem(405, "method_not_allowed",
                               std::string(target.methods) + " is needed here, not " + to_utf8(method)),
                       "Allow", target.methods);
  }
  client_ = address_;
  party_ = share_of({}, address_);
  if (auto refused = check_browser(); refused.status != 0) return refused;
  if (auto refused = check_sender(); refused.status != 0) return refused;
  if (const auto wait = server_->rates.take(client_, RateLimiter::Clock::now()); wait.count() > 0) {
    return with_header(problem(429, "too_many_requests", "slow down"), "Retry-After",
                       std::to_string((wait.count() + 999) / 1000));
  }
  const auto encoding = header(http::field::content_encoding);
  if (!type_fits(target.route, push_type(header(http::field::content_type))) ||
      (!encoding.empty() && encoding != "identity")) {
    const std::string accept = target.route == PushRoute::readings
                                   ? "application/json, application/x-ndjson, application/senml+json"
                                   : "application/x-www-form-urlencoded";
    const auto type = header(http::field::content_type);
    return with_header(
        problem(415, "unsupported_type",
                !encoding.empty() && encoding != "identity"
                    ? "the content encoding " + to_utf8(encoding) + " is not read here"
                    : (type.empty() ? "there is no Content-Type" : "the Content-Type is " + to_utf8(type)) +
                          ", it must be one of " + accept),
        "Accept", accept);
  }
  if (const auto fault = framing_fault({.transfer_encoding = header(http::field::transfer_encoding),
                                        .trailer = header(http::field::trailer),
                                        .expect = header(http::field::expect)}))
    return problem(fault->status, fault->error, fault->detail);
  return {.status = 0};
}

// Pages of other sites must not be able to push readings from inside the network.
HttpAnswer HttpConnection::check_browser() const {
  const auto& head = parser_->get();
  const auto header = [&](http::field field) { return view(head[field]); };
  const auto host = header(http::field::host);
  const bool console = target_.route != PushRoute::readings;
  if (!host.empty() && !is_our_host(host, server_->options.hosts) && !(console && is_weather_service(host)))
    return problem(403, "foreign_host",
                   "the Host " + to_utf8(host) + " is no address or local name: add it to hosts of [[http]]");
  if (comes_from_a_page({.method = view(head.method_string()),
                         .host = host,
                         .origin = header(http::field::origin),
                         .referer = header(http::field::referer),
                         .sec_fetch_site = view(head["Sec-Fetch-Site"]),
                         .accept = header(http::field::accept),
                         .accept_language = header(http::field::accept_language),
                         .cookie = header(http::field::cookie),
                         .tls = stream_.encrypted()}))
    return problem(403, "foreign_page", "a browser sent this, and no page may push readings");
  return {.status = 0};
}

HttpAnswer HttpConnection::check_sender() {
  const auto& options = server_->options;
  ids_.reset();
  if (target_.route != PushRoute::readings) {
    if (!options.ids_of_user) return {.status = 0};
    return problem(403, "forbidden",
                   "ids = \"user\", and a console has no user: give consoles an [[http]] of their own");
  }
  const auto token = bearer_token(view(parser_->get()[http::field::authorization]));
  if (const auto* known = find_token(token, options.tokens)) {
    client_ = known->digest;
    party_ = share_of(known->user, address_);
    if (options.ids_of_user || !known->id_prefixes.empty()) ids_ = IdRule{known->user, known->id_prefixes};
    return {.status = 0};
  }
  if (!options.tokens.empty())
    return with_header(problem(401, "unauthorised", "a bearer token is needed"), "WWW-Authenticate",
                       "Bearer");
  if (!local_ || options.ids_of_user)
    return problem(403, "forbidden", "no token is configured, so only this machine may push readings");
  return {.status = 0};
}

void HttpConnection::handle() {
  const auto& request = parser_->get();
  Message message;
  message.source = server_->options.name;
  message.topic = target_.path;
  message.party = party_;
  message.traceparent = view(request["traceparent"]);
  message.tracestate = view(request["tracestate"]);
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
  const auto method = to_utf8(view(parser_->get().method_string()), 16);
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
