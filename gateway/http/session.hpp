// One connection: requests read within limits, answers written, streams fed. Only server.cpp uses this.
#pragma once

#include <map>
#include <memory>
#include <string>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/ssl/context.hpp>

#include "gateway/http/message.hpp"
#include "gateway/http/server.hpp"
#include "sensors/http/rate_limiter.hpp"

namespace weather::gateway {

struct HttpShared {
  HttpHandler handler;
  HttpLimits limits;
  std::size_t connections = 0, streams = 0;
  std::map<std::string, std::size_t> by_address =
      {};  // connections now; the control socket is not among them
  std::shared_ptr<boost::asio::ssl::context> tls = {};  // none: plain; never on the control socket
  // Of each address. A handshake costs a signature, milliseconds on a small machine, on the thread that takes
  // readings in.
  sensors::RateLimiter handshakes{10, 40};
};

// address: of the other side, empty on the control socket. keep_alive: whatever owns `shared`.
boost::asio::awaitable<void> serve_http(boost::asio::generic::stream_protocol::socket socket,
                                        HttpShared& shared, std::string address,
                                        std::shared_ptr<void> keep_alive);

}  // namespace weather::gateway
