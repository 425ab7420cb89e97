#include <boost/asio/post.hpp>

#include "sensors/listener/stream_transport.hpp"
#include "sensors/listener/transports.hpp"

namespace weather::sensors::listener {
namespace {

using Socket = boost::asio::ip::tcp::socket;

class PlainTransport final : public StreamTransport<Socket> {
 public:
  explicit PlainTransport(Socket socket) : StreamTransport(std::move(socket)) {
    boost::system::error_code ignored;
    stream_.non_blocking(true, ignored);
  }

  void start(std::shared_ptr<TransportUser> user) override {
    boost::asio::post(stream_.get_executor(), [user = std::move(user)] { user->on_ready(true, {}); });
  }

  // Most acknowledgements fit into the socket's buffer: no need to go through the reactor.
  std::size_t write_some(std::string_view bytes) override {
    boost::system::error_code error;
    return stream_.write_some(boost::asio::buffer(bytes.data(), bytes.size()), error);
  }
};

}  // namespace

std::unique_ptr<Transport> plain_transport(Socket socket) {
  return std::make_unique<PlainTransport>(std::move(socket));
}

}  // namespace weather::sensors::listener
