// HTTP/1.1, with TLS HTTPS, on an address and on the control socket, within limits. Lives on the io thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

#include "gateway/http/message.hpp"

namespace boost::asio {
class io_context;
}
namespace boost::asio::ssl {
class context;
}

namespace weather::sensors {
class MemoryBudget;
}

namespace weather::gateway {

struct HttpLimits {
  std::uint32_t header_bytes = 8U << 10;
  std::uint64_t body_bytes = 256U << 10;
  std::size_t connections = 64, connections_per_address = 48;
  std::size_t streams = 8;
  // For bodies and answers, except those on the control socket: 503 where it has no room; none: unlimited.
  sensors::MemoryBudget* memory = nullptr;
  std::chrono::seconds header_time{10};  // from accepting, or from the last answer, to a complete head
  std::chrono::seconds body_time{30};
  std::chrono::seconds write_time{30};
};

class HttpServer {
 public:
  HttpServer(boost::asio::io_context& io, HttpHandler handler, HttpLimits limits = {});
  ~HttpServer();  // closes everything
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  // The error is a sentence. Port 0 takes a free one; returns the port.
  std::uint16_t listen(const std::string& address, std::uint16_t port, std::string& error);
  // For connections to come, not those there are; none: plain. The control socket is always plain.
  void set_tls(std::shared_ptr<boost::asio::ssl::context> tls);
  // Mode 0660. A socket without a listener is replaced; false with a sentence in error.
  bool listen_control(const std::filesystem::path& socket, std::string& error);

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace weather::gateway
