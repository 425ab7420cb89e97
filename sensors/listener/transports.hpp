// Makes transports of accepted sockets.
#pragma once

#include <memory>
#include <string>

#include <boost/asio/ip/tcp.hpp>
#include <tl/expected.hpp>

#include "sensors/listener/options.hpp"
#include "sensors/listener/transport.hpp"

namespace weather::sensors::listener {

std::unique_ptr<Transport> plain_transport(boost::asio::ip::tcp::socket socket);

// Certificates as they were read last; transports made before keep theirs.
class Tls {
 public:
  // The error names the file.
  static tl::expected<std::shared_ptr<Tls>, std::string> make(const ListenerOptions& options);
  virtual ~Tls() = default;
  virtual std::unique_ptr<Transport> transport(boost::asio::ip::tcp::socket socket) = 0;
};

}  // namespace weather::sensors::listener
