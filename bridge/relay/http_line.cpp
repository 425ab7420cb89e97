#include "bridge/relay/http_line.hpp"

#include <cerrno>
#include <cstring>
#include <fstream>
#include <optional>
#include <stdexcept>
#include <utility>

#include <boost/asio/connect.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <openssl/ssl.h>

#include "bridge/core/kafka_codes.hpp"
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

// Plain or encrypted: one kind for Beast.
class Stream {
 public:
  using executor_type = tcp::socket::executor_type;
  Stream(asio::io_context& io, const std::shared_ptr<ssl::context>& context) : context_(context) {
    if (context_)
      tls_.emplace(io, *context_);
    else
      plain_.emplace(io);
  }
  executor_type get_executor() { return socket().get_executor(); }
  tcp::socket& socket() { return tls_ ? tls_->next_layer() : *plain_; }
  ssl::stream<tcp::socket>* tls() { return tls_ ? &*tls_ : nullptr; }

  template <class Buffers, class Handler>
  void async_read_some(const Buffers& buffers, Handler&& handler) {
    if (tls_) return tls_->async_read_some(buffers, std::forward<Handler>(handler));
    plain_->async_read_some(buffers, std::forward<Handler>(handler));
  }
  template <class Buffers, class Handler>
  void async_write_some(const Buffers& buffers, Handler&& handler) {
    if (tls_) return tls_->async_write_some(buffers, std::forward<Handler>(handler));
    plain_->async_write_some(buffers, std::forward<Handler>(handler));
  }

 private:
  std::shared_ptr<ssl::context> context_;
  std::optional<tcp::socket> plain_;
  std::optional<ssl::stream<tcp::socket>> tls_;
};

void must_work(const error_code& error, const char* key, const std::filesystem::path& file) {
  if (error)
    throw std::runtime_error(std::string(key) + " " + file.string() + " cannot be used (" + error.message() +
                             ")");
}

std::shared_ptr<ssl::context> context_of(const HttpLineOptions& options) {
  if (!options.address.tls) return nullptr;
  auto context = std::make_shared<ssl::context>(ssl::context::tls_client);
  SSL_CTX_set_min_proto_version(context->native_handle(), TLS1_2_VERSION);
  context->set_verify_mode(ssl::verify_peer);
  error_code error;
  if (options.ca_file.empty())
    context->set_default_verify_paths(error);
  else
    context->load_verify_file(options.ca_file.string(), error);
  must_work(error, "ca_file", options.ca_file);
  if (options.cert_file.empty()) return context;
  context->use_certificate_chain_file(options.cert_file.string(), error);
  must_work(error, "cert_file", options.cert_file);
  context->use_private_key_file(options.key_file.string(), ssl::context::pem, error);
  must_work(error, "key_file", options.key_file);
  if (SSL_CTX_check_private_key(context->native_handle()) != 1)
    throw std::runtime_error("key_file " + options.key_file.string() + " is not the key of cert_file " +
                             options.cert_file.string());
  return context;
}

}  // namespace

HttpLineOptions http_line_options(const RelayOptions& options) {
  HttpLineOptions line;
  auto address = registry::parse_address(options.url);
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
      : io_(io), options_(std::move(options)), context_(context_of(options_)), resolver_(io), timer_(io) {}

  void post(std::string body, Done done) {
    done_ = std::move(done);
    request_ = {http::verb::post, options_.address.path + path, 11};
    request_.set(http::field::host, options_.address.host + ":" + options_.address.port);
    request_.set(http::field::user_agent, "weather-gateway");
    request_.set(http::field::content_type, batch_type);
    if (!options_.token.empty()) request_.set(http::field::authorization, "Bearer " + options_.token);
    request_.keep_alive(true);
    request_.body() = std::move(body);
    request_.prepare_payload();
    began_ = std::chrono::steady_clock::now();
    kept_ = stream_ != nullptr;
    if (kept_) return write();
    look_up();
  }

  void cancel() {
    done_ = nullptr;
    drop();
  }

 private:
  std::string place() const { return options_.address.host + ":" + options_.address.port; }

  // Runs a step of this attempt; what an earlier one still brings is not heard.
  template <class Call>
  auto guarded(Call call) {
    return [self = shared_from_this(), attempt = attempt_, call](const error_code& error, auto&&...) {
      if (attempt == self->attempt_) call(*self, error);
    };
  }

  void limit(std::chrono::milliseconds time) {
    timer_.expires_after(time);
    timer_.async_wait([self = shared_from_this(), attempt = attempt_](const error_code& cancelled) {
      if (cancelled || attempt != self->attempt_ || !self->done_) return;
      self->fail(code::timed_out, self->place() + " does not answer in time");
    });
  }

  void look_up() {
    limit(options_.connecting);
    resolver_.async_resolve(options_.address.host, options_.address.port,
                            [self = shared_from_this(), attempt = attempt_](
                                const error_code& error, const tcp::resolver::results_type& found) {
                              if (attempt != self->attempt_) return;
                              if (error)
                                return self->fail(code::resolve, "the name " + self->options_.address.host +
                                                                     " cannot be looked up (" +
                                                                     error.message() + ")");
                              self->connect(found);
                            });
  }

  void connect(const tcp::resolver::results_type& found) {
    stream_ = std::make_shared<Stream>(io_, context_);
    limit(options_.connecting);
    asio::async_connect(
        stream_->socket(), found, guarded([held = stream_](Impl& self, const error_code& error) {
          if (error)
            return self.fail(code::transport,
                             "no connection to " + self.place() + " (" + error.message() + ")");
          error_code ignored;
          self.stream_->socket().set_option(tcp::no_delay(true), ignored);
          if (self.stream_->tls() == nullptr) return self.write();
          self.encrypt();
        }));
  }

  void encrypt() {
    auto& tls = *stream_->tls();
    tls.set_verify_callback(ssl::host_name_verification(options_.address.host));
    SSL_set_tlsext_host_name(tls.native_handle(), options_.address.host.c_str());
    limit(options_.connecting);
    tls.async_handshake(
        ssl::stream_base::client, guarded([held = stream_](Impl& self, const error_code& error) {
          if (error)
            return self.fail(code::tls,
                             "no encrypted connection to " + self.place() + " (" + error.message() + ")");
          self.write();
        }));
  }

  void write() {
    limit(options_.answering);
    http::async_write(*stream_, request_, guarded([held = stream_](Impl& self, const error_code& error) {
      if (error) return self.broken(error);
      self.read();
    }));
  }

  void read() {
    buffer_.clear();
    parser_.emplace();
    parser_->body_limit(largest_answer);
    http::async_read(*stream_, buffer_, *parser_,
                     guarded([held = stream_](Impl& self, const error_code& error) {
                       if (error) return self.broken(error);
                       self.answered();
                     }));
  }

  // A connection that was kept may have been ended meanwhile: once more on a new one. The receiver knows what
  // it has.
  void broken(const error_code& error) {
    if (std::exchange(kept_, false) && !(parser_ && parser_->got_some())) {
      drop();
      return look_up();
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
  std::shared_ptr<Stream> stream_;
  http::request<http::string_body> request_;
  beast::flat_buffer buffer_;
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
