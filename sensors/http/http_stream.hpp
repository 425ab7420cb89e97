// The bytes of one connection, plain or TLS: an AsyncReadStream and AsyncWriteStream of Asio. Io thread only.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>

#include "sensors/http/tls_context.hpp"

namespace weather::sensors {

class HttpStream {
 public:
  using Socket = boost::asio::ip::tcp::socket;
  using Context = boost::asio::ssl::context;
  using executor_type = Socket::executor_type;

  // Without a context: plain.
  HttpStream(Socket socket, std::shared_ptr<Context> context) : context_(std::move(context)) {
    if (context_)
      tls_.emplace(std::move(socket), *context_);
    else
      plain_.emplace(std::move(socket));
  }

  executor_type get_executor() { return socket().get_executor(); }
  Socket& socket() { return tls_ ? tls_->next_layer() : *plain_; }
  // Decrypted bytes may wait where the socket shows none.
  bool encrypted() const { return tls_.has_value(); }
  std::string peer_name() { return tls_ ? sensors::peer_name(tls_->native_handle()) : std::string(); }

  template <class Handler>
  void async_handshake(Handler&& handler) {
    if (tls_)
      return tls_->async_handshake(boost::asio::ssl::stream_base::server, std::forward<Handler>(handler));
    boost::asio::post(get_executor(), [handler = std::forward<Handler>(handler)]() mutable {
      handler(boost::system::error_code());
    });
  }
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
  std::shared_ptr<Context> context_;  // outlives the stream
  std::optional<Socket> plain_;
  std::optional<boost::asio::ssl::stream<Socket>> tls_;
};

}  // namespace weather::sensors
