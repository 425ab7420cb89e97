#include "gateway/http/session.hpp"

#include <algorithm>
#include <optional>

#include <boost/asio/buffer.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>

#include "gateway/http/channel.hpp"
#include "sensors/budget/memory_budget.hpp"
#include "sensors/http/framing.hpp"

namespace weather::gateway {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using Parser = http::request_parser<http::string_body>;

constexpr std::chrono::seconds goodbye_time{1};
// What came and is not parsed yet: a head, or the next part of a body.
constexpr std::size_t most_buffered = 16U << 10;

HttpRequest to_request(const http::request<http::string_body>& from, const std::string& address, bool tls) {
  HttpRequest request;
  request.method = std::string(from.method_string());
  split_target(from.target(), request);
  request.host = std::string(from[http::field::host]);
  request.origin = std::string(from[http::field::origin]);
  request.accept = std::string(from[http::field::accept]);
  request.if_none_match = std::string(from[http::field::if_none_match]);
  request.content_type = std::string(from[http::field::content_type]);
  request.authorization = std::string(from[http::field::authorization]);
  request.body = from.body();
  request.address = address;
  request.tls = tls;
  request.control = address.empty();
  return request;
}

// What went wrong with reading, as an answer; 0: the other side is gone.
unsigned status_of(const boost::system::error_code& error) {
  if (error == boost::system::errc::not_enough_memory) return 503;
  if (error == http::error::header_limit) return 431;
  if (error == http::error::body_limit) return 413;
  if (error.category() == make_error_code(http::error::bad_method).category() &&
      error != http::error::end_of_stream && error != http::error::partial_message)
    return 400;
  return 0;
}

// One who watches, from the answer's first byte to the last.
class Watching {
 public:
  explicit Watching(std::size_t* count) : count_(count) {
    if (count_ != nullptr) ++*count_;
  }
  ~Watching() {
    if (count_ != nullptr) --*count_;
  }
  Watching(const Watching&) = delete;
  Watching& operator=(const Watching&) = delete;

 private:
  std::size_t* const count_;
};

class Session {
 public:
  Session(asio::generic::stream_protocol::socket socket, HttpShared& shared, std::string address)
      : tls_(!address.empty() && shared.tls),
        stream_(std::move(socket), tls_ ? shared.tls : nullptr),
        shared_(shared),
        address_(std::move(address)),
        memory_(address_.empty() ? nullptr : shared.limits.memory, sensors::Holder::page_viewers) {}

  asio::awaitable<void> run() {
    stream_.expires_after(shared_.limits.header_time);
    if (!co_await stream_.open()) co_return;
    for (bool again = true; again;) {
      Parser parser;
      parser.header_limit(shared_.limits.header_bytes);
      parser.body_limit(shared_.limits.body_bytes);
      if (const auto failed = co_await read(parser)) {
        if (const auto status = fault_ ? fault_->status : status_of(failed))
          co_await write(text_response(status, "Bad request."), false, false, 11);
        break;
      }
      const auto& request = parser.get();
      const bool keep = request.keep_alive(), head = request.method() == http::verb::head;
      auto response = co_await answer(to_request(request, address_, tls_));
      if (response.stream && shared_.streams >= shared_.limits.streams && !address_.empty())
        response = text_response(503, "Too many are watching already.");
      if (!memory_.resize(memory_of(response)))
        response = text_response(503, "There is no memory for this at the moment.");
      again = !response.stream && keep;
      const auto stream = response.stream;
      const Watching watching(stream ? &shared_.streams : nullptr);
      if (!co_await write(std::move(response), keep && !stream, head, request.version())) break;
      if (stream && !head) co_await feed(stream);
    }
    stream_.expires_after(goodbye_time);
    co_await stream_.close();
  }

 private:
  // The answer stands in memory until it is sent, a part of a stream until it is, with as much again waiting.
  static std::size_t memory_of(const HttpResponse& response) {
    const auto answer = 2 * response.body.size();
    if (!response.stream) return answer;
    return std::max(answer, HttpStream::most_waiting) + HttpStream::most_waiting;
  }

  asio::awaitable<boost::system::error_code> read(Parser& parser) {
    boost::system::error_code error;
    stream_.expires_after(shared_.limits.header_time);
    co_await http::async_read_header(stream_, buffer_, parser,
                                     asio::redirect_error(asio::use_awaitable, error));
    if (error) co_return error;
    const auto& head = parser.get();
    if ((fault_ = sensors::framing_fault({.transfer_encoding = head[http::field::transfer_encoding],
                                          .trailer = head[http::field::trailer],
                                          .expect = head[http::field::expect]})))
      co_return make_error_code(boost::system::errc::protocol_error);
    const auto length = parser.content_length();
    if (!memory_.resize(length             ? static_cast<std::size_t>(*length)
                        : parser.chunked() ? shared_.limits.body_bytes
                                           : 0))
      co_return make_error_code(boost::system::errc::not_enough_memory);
    stream_.expires_after(shared_.limits.body_time);
    if (sensors::waits_for_continue(parser.get()[http::field::expect])) {
      const http::response<http::empty_body> go_on{http::status::continue_, parser.get().version()};
      co_await http::async_write(stream_, go_on, asio::redirect_error(asio::use_awaitable, error));
      if (error) co_return error;
    }
    co_await http::async_read(stream_, buffer_, parser, asio::redirect_error(asio::use_awaitable, error));
    co_return error;
  }

  // Waits for the handler, which may answer later; how long is its own affair.
  asio::awaitable<HttpResponse> answer(HttpRequest request) {
    const auto executor = co_await asio::this_coro::executor;
    struct Answer {
      explicit Answer(const asio::any_io_executor& on) : timer(on, asio::steady_timer::time_point::max()) {}
      asio::steady_timer timer;
      std::optional<HttpResponse> response;
    };
    const auto slot = std::make_shared<Answer>(executor);
    shared_.handler(request, [slot](HttpResponse response) {
      slot->response = std::move(response);
      slot->timer.cancel();
    });
    boost::system::error_code ignored;
    while (!slot->response)
      co_await slot->timer.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
    co_return std::move(*slot->response);
  }

  asio::awaitable<bool> write(HttpResponse from, bool keep, bool head, unsigned version) {
    http::response<http::string_body> response{static_cast<http::status>(from.status), version};
    response.set(http::field::server, "weather-gateway");
    response.set(http::field::content_type, from.content_type);
    for (const auto& [name, value] : from.headers) response.set(name, value);
    response.keep_alive(keep);
    const auto length = from.body.size();
    if (!head) response.body() = std::move(from.body);
    if (!from.stream) response.content_length(length);  // a stream ends with its connection
    boost::system::error_code error;
    stream_.expires_after(shared_.limits.write_time);
    http::response_serializer<http::string_body> serializer{response};
    if (head) {
      serializer.split(true);
      co_await http::async_write_header(stream_, serializer,
                                        asio::redirect_error(asio::use_awaitable, error));
    } else {
      co_await http::async_write(stream_, serializer, asio::redirect_error(asio::use_awaitable, error));
    }
    co_return !error;
  }

  asio::awaitable<void> feed(std::shared_ptr<HttpStream> source) {
    const auto executor = co_await asio::this_coro::executor;
    const auto wake = std::make_shared<asio::steady_timer>(executor, asio::steady_timer::time_point::max());
    source->on_push([wake] { wake->cancel(); });
    boost::system::error_code error;
    for (;;) {
      if (source->empty() && source->closed()) break;
      if (memory_.must_give_way()) break;
      if (source->empty()) {
        boost::system::error_code ignored;
        wake->expires_at(asio::steady_timer::time_point::max());
        co_await wake->async_wait(asio::redirect_error(asio::use_awaitable, ignored));
        continue;
      }
      const auto chunk = source->take();
      stream_.expires_after(shared_.limits.write_time);
      co_await asio::async_write(stream_, asio::buffer(chunk),
                                 asio::redirect_error(asio::use_awaitable, error));
      if (error) break;
    }
  }

  const bool tls_;
  Channel stream_;
  HttpShared& shared_;
  const std::string address_;  // empty on the control socket
  sensors::Reservation memory_;
  beast::flat_buffer buffer_{most_buffered};
  std::optional<sensors::FramingFault> fault_;
};

}  // namespace

asio::awaitable<void> serve_http(asio::generic::stream_protocol::socket socket, HttpShared& shared,
                                 std::string address, std::shared_ptr<void> keep_alive) {
  (void)keep_alive;
  const bool control = address.empty();
  ++shared.connections;
  if (!control) ++shared.by_address[address];
  {
    Session session(std::move(socket), shared, address);
    try {
      co_await session.run();
    } catch (
        const std::exception&) {  // out of memory or descriptors: this connection ends, the gateway goes on
    }
  }
  --shared.connections;
  if (!control && --shared.by_address[address] == 0) shared.by_address.erase(address);
}

}  // namespace weather::gateway
