// One connection: requests read within limits, answers written, streams fed. Only server.cpp uses this.
#pragma once

#include <memory>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/generic/stream_protocol.hpp>

#include "gateway/http/message.hpp"
#include "gateway/http/server.hpp"

namespace weather::gateway {

struct HttpShared {
  HttpHandler handler;
  HttpLimits limits;
  std::size_t connections = 0, streams = 0;
};

// keep_alive: whatever owns `shared`.
boost::asio::awaitable<void> serve_http(boost::asio::generic::stream_protocol::socket socket,
                                        HttpShared& shared, bool control, std::shared_ptr<void> keep_alive);

}  // namespace weather::gateway
