#include "gateway/control/client.hpp"

#include <array>

#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <sys/socket.h>
#include <sys/time.h>

namespace weather::gateway {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using Socket = asio::local::stream_protocol::socket;

std::string explain(const std::filesystem::path& path, const boost::system::error_code& error) {
  if (error == boost::system::errc::no_such_file_or_directory || error == asio::error::connection_refused)
    return path.string() + ": no gateway is running there";
  if (error == asio::error::access_denied)
    return path.string() + ": permission denied; join the group weather-gateway or use sudo";
  if (error == asio::error::try_again || error == asio::error::would_block)
    return path.string() + ": the gateway did not answer in time";
  return path.string() + ": " + error.message();
}

// Synchronous sockets of Asio know no time limit; the kernel's do.
void limit_time(Socket& socket, std::chrono::seconds timeout) {
  const timeval limit{timeout.count(), 0};
  ::setsockopt(socket.native_handle(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  ::setsockopt(socket.native_handle(), SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
}

http::request<http::string_body> make_request(const std::string& method, const std::string& target,
                                              const std::string& body) {
  http::request<http::string_body> request{http::string_to_verb(method), target, 11};
  request.set(http::field::host, "localhost");
  request.body() = body;
  request.prepare_payload();
  request.keep_alive(false);
  return request;
}

}  // namespace

ControlResult control_call(const std::filesystem::path& socket, const std::string& method,
                           const std::string& target, const std::string& body, std::chrono::seconds timeout) {
  try {
    asio::io_context io(1);
    Socket stream(io);
    stream.connect(asio::local::stream_protocol::endpoint(socket.string()));
    limit_time(stream, timeout);
    http::write(stream, make_request(method, target, body));
    boost::beast::flat_buffer buffer;
    http::response_parser<http::string_body> parser;
    parser.body_limit(64U << 20);
    http::read(stream, buffer, parser);
    return ControlAnswer{parser.get().result_int(), std::move(parser.get().body())};
  } catch (const boost::system::system_error& error) {
    return tl::unexpected(explain(socket, error.code()));
  }
}

tl::expected<void, std::string> control_stream(const std::filesystem::path& socket, const std::string& target,
                                               const std::function<bool(const std::string&)>& line) {
  try {
    asio::io_context io(1);
    Socket stream(io);
    stream.connect(asio::local::stream_protocol::endpoint(socket.string()));
    http::write(stream, make_request("GET", target, ""));
    boost::beast::flat_buffer buffer;
    http::response_parser<http::empty_body> parser;
    http::read_header(stream, buffer, parser);
    if (parser.get().result() != http::status::ok) return tl::unexpected(socket.string() + ": refused");
    std::string text(static_cast<const char*>(buffer.data().data()), buffer.size());
    for (;;) {
      for (auto end = text.find('\n'); end != std::string::npos; end = text.find('\n')) {
        if (!line(text.substr(0, end))) return {};
        text.erase(0, end + 1);
      }
      std::array<char, 4096> chunk{};
      boost::system::error_code error;
      const auto count = stream.read_some(asio::buffer(chunk), error);
      if (error == asio::error::eof || error == asio::error::connection_reset) return {};
      if (error == asio::error::interrupted) continue;
      if (error) return tl::unexpected(explain(socket, error));
      text.append(chunk.data(), count);
    }
  } catch (const boost::system::system_error& error) {
    return tl::unexpected(explain(socket, error.code()));
  }
}

}  // namespace weather::gateway
