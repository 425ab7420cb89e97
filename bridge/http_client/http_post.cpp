#include "bridge/http_client/http_post.hpp"

#include <future>
#include <optional>
#include <stdexcept>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/asio/use_future.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/ssl.hpp>
#include <openssl/err.h>

#include "bridge/http_client/tls_client.hpp"
#include "bridge/proxy/tunnels.hpp"

namespace weather::http_client {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using Request = http::request<http::string_body>;

constexpr std::uint64_t largest_answer = 1U << 20;

// Runs what was started to its end. A look-up of a name knows no time limit of its own: run_for has it.
template <class T>
T wait_for(asio::io_context& io, std::future<T> future, std::chrono::milliseconds limit) {
  io.restart();
  io.run_for(limit + std::chrono::milliseconds(500));
  if (future.wait_for(std::chrono::seconds(0)) != std::future_status::ready)
    throw beast::system_error(beast::error::timeout);
  return future.get();
}

template <class Stream>
HttpAnswer converse(asio::io_context& io, Stream& stream, const Request& request,
                    std::chrono::milliseconds limit) {
  beast::get_lowest_layer(stream).expires_after(limit);
  wait_for(io, http::async_write(stream, request, asio::use_future), limit);
  beast::flat_buffer buffer;
  http::response_parser<http::string_body> parser;
  parser.body_limit(largest_answer);
  beast::get_lowest_layer(stream).expires_after(limit);
  wait_for(io, http::async_read(stream, buffer, parser, asio::use_future), limit);
  auto response = parser.release();
  return {response.result_int(), std::move(response.body()), std::string(response[http::field::date])};
}

// A connection through a proxy is used no longer than this.
using Way = std::optional<proxy::Tunnels>;

void connect(asio::io_context& io, beast::tcp_stream& stream, const HttpPost& post, Way& way) {
  const auto target = proxy::Target::parse(post.address.host + ":" + post.address.port);
  if (target && post.proxy.carries(target->host, target->port)) {
    const auto end = way.emplace(post.proxy, post.limit).dial(*target);
    if (!end) throw std::runtime_error(end.error());
    return stream.socket().assign(asio::ip::tcp::v4(), *end);
  }
  asio::ip::tcp::resolver resolver(io);
  const auto found = wait_for(
      io, resolver.async_resolve(post.address.host, post.address.port, asio::use_future), post.limit);
  stream.expires_after(post.limit);
  wait_for(io, stream.async_connect(found, asio::use_future), post.limit);
}

HttpAnswer over_tls(asio::io_context& io, const HttpPost& post, const Request& request, Way& way) {
  const auto context = tls_client({.ca_file = post.ca_file, .ca_setting = post.ca_setting});
  beast::ssl_stream<beast::tcp_stream> stream(io, *context);
  stream.set_verify_callback(asio::ssl::host_name_verification(post.address.host));
  if (SSL_set_tlsext_host_name(stream.native_handle(), post.address.host.c_str()) != 1)
    throw beast::system_error(static_cast<int>(::ERR_get_error()), asio::error::get_ssl_category());
  connect(io, stream.next_layer(), post, way);
  stream.next_layer().expires_after(post.limit);
  wait_for(io, stream.async_handshake(asio::ssl::stream_base::client, asio::use_future), post.limit);
  return converse(io, stream, request, post.limit);
}

}  // namespace

tl::expected<HttpAnswer, std::string> http_post(const HttpPost& post) try {
  Request request{http::verb::post, post.target, 11};
  request.set(http::field::host, host_field(post.address));
  request.set(http::field::user_agent, "weather-gateway");
  request.set(http::field::content_type, post.content_type);
  request.set(http::field::accept, post.accept);
  if (!post.authorization.empty()) request.set(http::field::authorization, post.authorization);
  request.body() = post.body;
  request.prepare_payload();
  request.keep_alive(false);

  Way way;
  asio::io_context io(1);
  if (post.address.tls) return over_tls(io, post, request, way);
  beast::tcp_stream stream(io);
  connect(io, stream, post, way);
  return converse(io, stream, request, post.limit);
} catch (const boost::system::system_error& error) {
  if (error.code() == beast::error::timeout) return tl::unexpected(std::string("it does not answer in time"));
  if (error.code().category() == asio::error::get_ssl_category())
    return tl::unexpected("no encrypted connection (" + error.code().message() +
                          "): check its certificate, its name and " + post.ca_setting);
  return tl::unexpected("it cannot be reached (" + error.code().message() + ")");
} catch (const std::runtime_error& error) {
  return tl::unexpected(std::string(error.what()));
}

}  // namespace weather::http_client
