#include "gateway/http/channel.hpp"

#include <optional>

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/basic_stream.hpp>

namespace weather::gateway {

namespace asio = boost::asio;

namespace {

class Wire final : public ErasedStream {
 public:
  explicit Wire(Channel::Socket socket) : ErasedStream(socket.get_executor()), stream(std::move(socket)) {}
  void read_some(const Into& buffers, TransferHandler handler) override {
    stream.async_read_some(buffers, std::move(handler));
  }
  void write_some(const From& buffers, TransferHandler handler) override {
    stream.async_write_some(buffers, std::move(handler));
  }

  boost::beast::basic_stream<asio::generic::stream_protocol> stream;
};

}  // namespace

struct Channel::Impl {
  Impl(Socket socket, std::shared_ptr<Context> given) : context(std::move(given)), wire(std::move(socket)) {
    if (context) tls.emplace(wire, *context);
  }
  const std::shared_ptr<Context> context;  // outlives the stream
  Wire wire;
  std::optional<asio::ssl::stream<ErasedStream&>> tls;
};

Channel::Channel(Socket socket, std::shared_ptr<Context> context)
    : ErasedStream(socket.get_executor()),
      impl_(std::make_unique<Impl>(std::move(socket), std::move(context))) {}

Channel::~Channel() = default;

void Channel::expires_after(std::chrono::seconds time) {
  impl_->wire.stream.expires_after(time);
}

asio::awaitable<bool> Channel::open() {
  boost::system::error_code error;
  if (impl_->tls)
    co_await impl_->tls->async_handshake(asio::ssl::stream_base::server,
                                         asio::redirect_error(asio::use_awaitable, error));
  co_return !error;
}

asio::awaitable<void> Channel::close() {
  boost::system::error_code ignored;
  if (impl_->tls) co_await impl_->tls->async_shutdown(asio::redirect_error(asio::use_awaitable, ignored));
  impl_->wire.stream.socket().shutdown(asio::socket_base::shutdown_both, ignored);
}

void Channel::read_some(const Into& buffers, TransferHandler handler) {
  if (impl_->tls) return impl_->tls->async_read_some(buffers, std::move(handler));
  impl_->wire.read_some(buffers, std::move(handler));
}

void Channel::write_some(const From& buffers, TransferHandler handler) {
  if (impl_->tls) return impl_->tls->async_write_some(buffers, std::move(handler));
  impl_->wire.write_some(buffers, std::move(handler));
}

}  // namespace weather::gateway
