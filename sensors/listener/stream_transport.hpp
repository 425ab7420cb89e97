// Transport over an Asio stream, plain or TLS. Included by the two files that make one.
#pragma once

#include <memory>
#include <string>
#include <utility>

#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>

#include "sensors/listener/transport.hpp"

namespace weather::sensors::listener {

template <class Stream>
class StreamTransport : public Transport {
 public:
  template <class... Args>
  explicit StreamTransport(Args&&... args) : stream_(std::forward<Args>(args)...) {}

  void read(char* into, std::size_t size, std::shared_ptr<TransportUser> user) override {
    stream_.async_read_some(boost::asio::buffer(into, size),
                            [user = std::move(user)](const boost::system::error_code& error,
                                                     std::size_t count) { user->on_read(!error, count); });
  }

  std::size_t write_some(std::string_view) override { return 0; }

  void write(std::string_view bytes, std::shared_ptr<TransportUser> user) override {
    boost::asio::async_write(stream_, boost::asio::buffer(bytes.data(), bytes.size()),
                             [user = std::move(user)](const boost::system::error_code& error, std::size_t) {
                               user->on_written(!error);
                             });
  }

  void finish() override {
    boost::system::error_code ignored;
    socket().shutdown(boost::asio::ip::tcp::socket::shutdown_send, ignored);
  }

  void close() override {
    boost::system::error_code ignored;
    socket().close(ignored);
  }

 protected:
  boost::asio::ip::tcp::socket& socket() {
    if constexpr (requires(Stream & stream) { stream.next_layer(); }) {
      return stream_.next_layer();
    } else {
      return stream_;
    }
  }

  Stream stream_;
};

}  // namespace weather::sensors::listener
