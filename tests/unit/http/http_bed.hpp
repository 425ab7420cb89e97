// A source of pushed readings on a free port, and a client that says what it is told to.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <thread>

#include <arpa/inet.h>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "sensors/http/http_source.hpp"
#include "tests/unit/sensors/fake_sink.hpp"

namespace weather::sensors {

using namespace std::chrono_literals;

class Client {
 public:
  explicit Client(std::uint16_t port) : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(port);
    connected_ = ::connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
  }
  ~Client() { ::close(fd_); }
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  bool connected() const { return connected_; }
  void send(std::string_view text) const {
    while (!text.empty()) {
      const auto n = ::send(fd_, text.data(), text.size(), MSG_NOSIGNAL);
      if (n <= 0) return;
      text.remove_prefix(static_cast<std::size_t>(n));
    }
  }
  // One answer with its body, or what came until the end or the time limit.
  std::string receive(std::chrono::milliseconds time = 10s) const {
    std::string text;
    char byte = 0;
    const auto read = [&] {
      pollfd poll{fd_, POLLIN, 0};
      return ::poll(&poll, 1, static_cast<int>(time.count())) == 1 && ::recv(fd_, &byte, 1, 0) == 1;
    };
    while (!text.ends_with("\r\n\r\n")) {
      if (!read()) return text;
      text += byte;
    }
    const auto at = text.find("Content-Length: ");
    const auto length = at == std::string::npos ? 0UL : std::stoul(text.substr(at + 16));
    for (std::size_t i = 0; i < length && read(); ++i) text += byte;
    return text;
  }
  bool closed() const { return receive().empty(); }

 private:
  int fd_;
  bool connected_ = false;
};

inline std::string post(std::string_view path, std::string_view type, std::string_view body,
                        std::string_view more = {}) {
  return "POST " + std::string(path) + " HTTP/1.1\r\nHost: gateway\r\nContent-Type: " + std::string(type) +
         "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n" + std::string(more) + "\r\n" +
         std::string(body);
}
inline std::string push(std::string_view body, std::string_view more = {}) {
  return post("/v1/readings", "application/json", body, more);
}
inline constexpr std::string_view reading = R"({"id":"sensor-001","temperature":22.5})";

class Http : public testing::Test {
 protected:
  void start(HttpOptions options = {}) {
    options.port = 0;
    source_.emplace(io_, std::move(options), sink);
    source_->start();
    thread_ = std::thread([this] { io_.run(); });
  }
  void TearDown() override {
    if (!source_) return;
    boost::asio::post(io_, [this] { source_->stop(); });
    thread_.join();
    source_.reset();
  }
  std::uint16_t port() const { return source_->port(); }
  std::string ask(std::string_view request) {
    const Client client(port());
    client.send(request);
    return client.receive();
  }

  FakeSink sink;

 private:
  boost::asio::io_context io_;
  std::optional<HttpSource> source_;
  std::thread thread_;
};

}  // namespace weather::sensors
