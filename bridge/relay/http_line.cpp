#include "bridge/relay/http_line.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <optional>
#include <stdexcept>
#include <utility>
#include <vector>

#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <openssl/ssl.h>
#include <sys/socket.h>

#include "bridge/core/kafka_codes.hpp"
#include "bridge/http_client/tls_client.hpp"
#include "bridge/proxy/tunnels.hpp"
#include "bridge/relay/batch.hpp"

namespace weather::bridge::relay {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
namespace ssl = asio::ssl;
using asio::ip::tcp;
using boost::system::error_code;

constexpr std::uint64_t largest_answer = 64U << 10;

using Called = std::function<void(const error_code&)>;
using Moved = std::function<void(const error_code&, std::size_t)>;

// Plain or encrypted. Handlers are of one type each: a new one of Asio's for every lambda would be a tenth of
// a megabyte.
class Stream {
 public:
  Stream(asio::io_context& io, const std::shared_ptr<ssl::context>& context) : context_(context) {
    if (context_)
      tls_.emplace(io, *context_);
    else
      plain_.emplace(io);
  }
  tcp::socket& socket() { return tls_ ? tls_->next_layer() : *plain_; }
  ssl::stream<tcp::socket>* tls() { return tls_ ? &*tls_ : nullptr; }
  void read_some(asio::mutable_buffer to, Moved done) {
    if (tls_) return tls_->async_read_some(asio::mutable_buffers_1(to), std::move(done));
    plain_->async_read_some(asio::mutable_buffers_1(to), std::move(done));
  }
  void write_some(asio::const_buffer from, Moved done) {
    if (tls_) return tls_->async_write_some(asio::const_buffers_1(from), std::move(done));
    plain_->async_write_some(asio::const_buffers_1(from), std::move(done));
  }

 private:
  std::shared_ptr<ssl::context> context_;
  std::optional<tcp::socket> plain_;
  std::optional<ssl::stream<tcp::socket>> tls_;
};

std::shared_ptr<ssl::context> context_of(const HttpLineOptions& options) {
  if (!options.address.tls) return nullptr;
  return http_client::tls_client(
      {.ca_file = options.ca_file, .cert_file = options.cert_file, .key_file = options.key_file});
}

}  // namespace

HttpLineOptions http_line_options(const RelayOptions& options) {
  HttpLineOptions line;
  auto address = http_client::parse_address(options.url);
  if (!address) throw std::runtime_error("to: " + address.error());
  line.address = std::move(*address);
  line.ca_file = options.ca_file;
  line.cert_file = options.cert_file;
  line.key_file = options.key_file;
  if (options.token_file.empty()) return line;
  std::ifstream file(options.token_file);
  if (!(file >> line.token))
    throw std::runtime_error(
        "token_file " + options.token_file.string() +
        (file.is_open() ? " has no token" : std::string(" cannot be read: ") + std::strerror(errno)));
  return line;
}

class HttpLine::Impl : public std::enable_shared_from_this<HttpLine::Impl> {
 public:
  using Done = std::function<void(const LineAnswer&)>;
  Impl(asio::io_context& io, HttpLineOptions options)
      : io_(io), options_(std::move(options)), context_(context_of(options_)), resolver_(io), timer_(io) {
    const auto target = proxy::Target::parse(place());
    if (!target || !options_.proxy.carries(target->host, target->port)) return;
    target_ = *target;
    tunnels_.emplace(options_.proxy, options_.connecting);
  }

  void post(std::string body, Done done) {
    done_ = std::move(done);
    request_ = "POST " + options_.address.path + path +
               " HTTP/1.1\r\nHost: " + http_client::host_field(options_.address) +
               "\r\nUser-Agent: weather-gateway\r\nContent-Type: " + batch_type +
               "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n" +
               (options_.token.empty() ? "" : "Authorization: Bearer " + options_.token + "\r\n") + "\r\n";
    request_ += body;
    began_ = std::chrono::steady_clock::now();
    kept_ = stream_ != nullptr;
    if (kept_) return write();
    connect();
  }

  void cancel() {
    done_ = nullptr;
    drop();
  }

 private:
  std::string place() const { return options_.address.host + ":" + options_.address.port; }

  // A step of this attempt; what an earlier one still brings is not heard.
  Called guarded(void (Impl::*step)(const error_code&)) {
    return [self = shared_from_this(), held = stream_, attempt = attempt_, step](const error_code& error) {
      if (attempt == self->attempt_) (self.get()->*step)(error);
    };
  }
  Moved moving(void (Impl::*step)(const error_code&, std::size_t)) {
    return [self = shared_from_this(), held = stream_, attempt = attempt_, step](const error_code& error,
                                                                                 std::size_t bytes) {
      if (attempt == self->attempt_) (self.get()->*step)(error, bytes);
    };
  }

  void limit(std::chrono::milliseconds time) {
    timer_.expires_after(time);
    timer_.async_wait(guarded(&Impl::timed_out));
  }
  void timed_out(const error_code& cancelled) {
    if (cancelled || !done_) return;
    const auto trouble = tunnels_ ? tunnels_->trouble(target_) : std::string();
    fail(code::timed_out, trouble.empty() ? place() + " does not answer in time" : trouble);
  }

  void connect() { tunnels_ ? tunnel() : look_up(); }

  void tunnel() {
    limit(options_.connecting);
    const auto end = tunnels_->open(target_, proxy::Tunnels::Until::busy);
    if (!end) return fail(code::transport, end.error());
    stream_ = std::make_shared<Stream>(io_, context_);
    stream_->socket().assign(tcp::v4(), *end);
    stream_->socket().async_wait(tcp::socket::wait_write, guarded(&Impl::tunnelled));
  }
  // The end of one that could not be connected is closed.
  void tunnelled(const error_code& error) {
    char first;
    const auto got = ::recv(stream_->socket().native_handle(), &first, 1, MSG_PEEK | MSG_DONTWAIT);
    if (!error && (got > 0 || (got < 0 && errno == EAGAIN))) return encrypt();
    const auto trouble = tunnels_->trouble(target_);
    fail(code::transport, trouble.empty() ? "no connection to " + place() + " through the proxy" : trouble);
  }

  void look_up() {
    limit(options_.connecting);
    resolver_.async_resolve(options_.address.host, options_.address.port,
                            [self = shared_from_this(), attempt = attempt_](
                                const error_code& error, const tcp::resolver::results_type& found) {
                              if (attempt == self->attempt_) self->looked_up(error, found);
                            });
  }
  void looked_up(const error_code& error, const tcp::resolver::results_type& found) {
    if (error)
      return fail(code::resolve,
                  "the name " + options_.address.host + " cannot be looked up (" + error.message() + ")");
    places_.assign(found.begin(), found.end());
    connect_next();
  }

  // One address after the other.
  void connect_next() {
    const auto to = places_.front();
    places_.erase(places_.begin());
    stream_ = std::make_shared<Stream>(io_, context_);
    limit(options_.connecting);
    stream_->socket().async_connect(to, guarded(&Impl::connected));
  }
  void connected(const error_code& error) {
    if (error && !places_.empty()) return connect_next();
    if (error) return fail(code::transport, "no connection to " + place() + " (" + error.message() + ")");
    error_code ignored;
    stream_->socket().set_option(tcp::no_delay(true), ignored);
    encrypt();
  }

  void encrypt() {
    if (stream_->tls() == nullptr) return write();
    auto& tls = *stream_->tls();
    tls.set_verify_callback(ssl::host_name_verification(options_.address.host));
    SSL_set_tlsext_host_name(tls.native_handle(), options_.address.host.c_str());
    limit(options_.connecting);
    tls.async_handshake(ssl::stream_base::client, guarded(&Impl::encrypted));
  }
  void encrypted(const error_code& error) {
    if (error) return fail(code::tls, "no encrypted connection to " + place() + " (" + error.message() + ")");
    write();
  }

  void write() {
    limit(options_.answering);
    written_ = 0;
    parser_.emplace();
    parser_->body_limit(largest_answer);
    parser_->eager(true);
    read_.clear();
    write_on();
  }
  void write_on() { stream_->write_some(asio::buffer(request_) + written_, moving(&Impl::wrote)); }
  void wrote(const error_code& error, std::size_t bytes) {
    if (error) return broken(error);
    written_ += bytes;
    if (written_ < request_.size()) return write_on();
    read_on();
  }

  void read_on() { stream_->read_some(asio::buffer(chunk_), moving(&Impl::read)); }
  void read(const error_code& error, std::size_t bytes) {
    if (error == asio::error::eof || error == ssl::error::stream_truncated) return ended(error);
    if (error) return broken(error);
    read_.append(chunk_.data(), bytes);
    error_code slip;
    const auto taken = parser_->put(asio::buffer(read_), slip);
    read_.erase(0, taken);
    if (slip && slip != http::error::need_more) return broken(slip);
    if (!parser_->is_done()) return read_on();
    answered();
  }

  // An answer may end with its connection.
  void ended(const error_code& error) {
    error_code slip;
    if (parser_->got_some()) parser_->put_eof(slip);
    if (!parser_->got_some() || slip || !parser_->is_done()) return broken(error);
    answered();
  }

  // A connection that was kept may have been ended meanwhile: once more on a new one. The receiver knows what
  // it has.
  void broken(const error_code& error) {
    if (std::exchange(kept_, false) && !(parser_ && parser_->got_some())) {
      drop();
      return connect();
    }
    const bool of_tls = error.category() == asio::error::get_ssl_category();
    fail(of_tls ? code::tls : code::transport,
         of_tls ? "no encrypted connection to " + place() + " (" + error.message() + ")"
                : place() + " ended the connection (" + error.message() + ")");
  }

  void answered() {
    const auto& head = parser_->get();
    LineAnswer answer;
    answer.status = head.result_int();
    answer.took =
        std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() - began_);
    const auto wait = head[http::field::retry_after];
    for (const char c : wait) {
      if (c < '0' || c > '9' || answer.retry_after > std::chrono::hours(1)) break;
      answer.retry_after = answer.retry_after * 10 + std::chrono::seconds(c - '0');
    }
    answer.body = head.body();
    if (!parser_->keep_alive()) drop();
    end(answer);
  }

  void fail(int code, std::string text) {
    drop();
    LineAnswer answer;
    answer.code = code;
    answer.text = std::move(text);
    end(answer);
  }

  void end(const LineAnswer& answer) {
    ++attempt_;
    timer_.cancel();
    const auto done = std::exchange(done_, nullptr);
    if (done) done(answer);
  }

  void drop() {
    ++attempt_;
    resolver_.cancel();
    timer_.cancel();
    parser_.reset();
    if (!stream_) return;
    error_code ignored;
    stream_->socket().close(ignored);
    stream_.reset();
  }

  asio::io_context& io_;
  const HttpLineOptions options_;
  const std::shared_ptr<ssl::context> context_;
  tcp::resolver resolver_;
  asio::steady_timer timer_;
  std::optional<proxy::Tunnels> tunnels_;  // through which target_ is reached
  proxy::Target target_;
  std::shared_ptr<Stream> stream_;
  std::vector<tcp::endpoint> places_;
  std::string request_, read_;
  std::size_t written_ = 0;
  std::array<char, 4096> chunk_{};
  std::optional<http::response_parser<http::string_body>> parser_;
  Done done_;
  std::uint64_t attempt_ = 0;
  std::chrono::steady_clock::time_point began_;
  bool kept_ = false;
};

HttpLine::HttpLine(asio::io_context& io, HttpLineOptions options)
    : impl_(std::make_shared<Impl>(io, std::move(options))) {}
HttpLine::~HttpLine() {
  cancel();
}
void HttpLine::post(std::string body, std::function<void(const LineAnswer&)> done) {
  impl_->post(std::move(body), std::move(done));
}
void HttpLine::cancel() {
  impl_->cancel();
}

}  // namespace weather::bridge::relay
