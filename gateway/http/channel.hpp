// The bytes of one connection, plain or TLS, each operation within a time.
#pragma once

#include <chrono>
#include <memory>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/ssl/context.hpp>

#include "gateway/http/erased_stream.hpp"

namespace weather::gateway {

class Channel : public ErasedStream {
 public:
  using Socket = boost::asio::generic::stream_protocol::socket;
  using Context = boost::asio::ssl::context;

  // Without a context: plain.
  Channel(Socket socket, std::shared_ptr<Context> context);
  ~Channel() override;

  // For what is begun from now on; it then ends with beast::error::timeout.
  void expires_after(std::chrono::seconds time);
  // False: no TLS came about.
  boost::asio::awaitable<bool> open();
  boost::asio::awaitable<void> close();

  void read_some(const Into& buffers, TransferHandler handler) override;
  void write_some(const From& buffers, TransferHandler handler) override;

 private:
  struct Impl;
  const std::unique_ptr<Impl> impl_;
};

}  // namespace weather::gateway
