// A broker on loopback that does exactly what the test says, packet by packet (MQTT 3.1.1, OASIS, chapter 3).
#pragma once

#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace weather::sensors {

class FakeBroker {
 public:
  struct Packet {
    std::uint8_t type = 0;  // upper four bits of the first byte
    std::string body;       // after the remaining length
  };
  static constexpr std::uint8_t connect = 1, connack = 2, publish = 3, puback = 4, subscribe = 8, suback = 9,
                                disconnect = 14;

  explicit FakeBroker(std::uint16_t port = 0) {
    listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const int on = 1;
    ::setsockopt(listener_, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(port);
    socklen_t size = sizeof address;
    if (::bind(listener_, reinterpret_cast<sockaddr*>(&address), size) != 0 || ::listen(listener_, 8) != 0 ||
        ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
      throw std::runtime_error("no port on loopback");
    }
    port_ = ntohs(address.sin_port);
  }
  ~FakeBroker() {
    drop();
    ::close(listener_);
  }
  FakeBroker(const FakeBroker&) = delete;
  FakeBroker& operator=(const FakeBroker&) = delete;

  std::uint16_t port() const { return port_; }
  std::string url() const { return "mqtt://127.0.0.1:" + std::to_string(port_); }

  // Waits for a client and its CONNECT.
  std::optional<Packet> accept() {
    drop();
    if (!readable(listener_, 10'000)) return std::nullopt;
    client_ = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    return receive(10'000);
  }
  // accept, CONNACK, and a SUBACK for each of `subscriptions`.
  bool greet(int subscriptions, bool session_present = false) {
    if (!accept()) return false;
    send(connack << 4U, {session_present ? '\1' : '\0', '\0'});
    for (int i = 0; i < subscriptions; ++i) {
      if (!acknowledge_subscribe('\1')) return false;
    }
    return true;
  }
  bool acknowledge_subscribe(char granted) {
    const auto packet = receive(10'000);
    if (!packet || packet->type != subscribe) return false;
    send(suback << 4U, packet->body.substr(0, 2) + granted);
    return true;
  }
  struct Publication {
    std::string_view topic, payload;
    int qos = 1;
    std::uint16_t id = 1;
    bool duplicate = false, retained = false;
  };
  void publish_to_client(const Publication& p) {
    std::string body = two_bytes(static_cast<std::uint16_t>(p.topic.size())) + std::string(p.topic);
    if (p.qos > 0) body += two_bytes(p.id);
    body += p.payload;
    send(static_cast<std::uint8_t>((publish << 4U) | (p.duplicate ? 8U : 0U) |
                                   static_cast<unsigned>(p.qos << 1) | (p.retained ? 1U : 0U)),
         body);
  }
  // The next packet, pings aside; nothing if there is none in time or the client closed.
  std::optional<Packet> receive(int timeout_ms) {
    if (!readable(client_, timeout_ms)) return std::nullopt;
    std::uint8_t first = 0;
    if (!read_exactly(&first, 1)) return std::nullopt;
    std::size_t length = 0;
    for (unsigned shift = 0;; shift += 7) {
      std::uint8_t byte = 0;
      if (!read_exactly(&byte, 1)) return std::nullopt;
      length |= std::size_t{byte & 0x7FU} << shift;
      if ((byte & 0x80U) == 0) break;
    }
    Packet packet{static_cast<std::uint8_t>(first >> 4U), std::string(length, '\0')};
    if (!read_exactly(packet.body.data(), length)) return std::nullopt;
    return packet;
  }
  bool receive_puback(std::uint16_t id) {
    const auto packet = receive(10'000);
    return packet && packet->type == puback && packet->body == two_bytes(id);
  }
  // The client closed, and sent nothing before.
  bool closed_silently() {
    char byte = 0;
    return readable(client_, 10'000) && ::recv(client_, &byte, 1, 0) <= 0;
  }
  void send(unsigned first, const std::string& body) {
    std::string packet(1, static_cast<char>(first));
    std::size_t length = body.size();
    do {
      packet += static_cast<char>((length & 0x7FU) | (length > 0x7F ? 0x80U : 0U));
      length >>= 7U;
    } while (length > 0);
    packet += body;
    for (std::size_t sent = 0; sent < packet.size();) {
      const auto n = ::send(client_, packet.data() + sent, packet.size() - sent, MSG_NOSIGNAL);
      if (n <= 0) return;
      sent += static_cast<std::size_t>(n);
    }
  }
  void drop() {
    if (client_ >= 0) ::close(client_);
    client_ = -1;
  }
  static std::string two_bytes(std::uint16_t value) {
    return {static_cast<char>(value >> 8U), static_cast<char>(value & 0xFFU)};
  }

 private:
  static bool readable(int fd, int timeout_ms) {
    pollfd poll{fd, POLLIN, 0};
    return ::poll(&poll, 1, timeout_ms) == 1;
  }
  bool read_exactly(void* to, std::size_t size) {
    for (std::size_t got = 0; got < size;) {
      if (!readable(client_, 10'000)) return false;
      const auto n = ::recv(client_, static_cast<char*>(to) + got, size - got, 0);
      if (n <= 0) return false;
      got += static_cast<std::size_t>(n);
    }
    return true;
  }

  int listener_ = -1, client_ = -1;
  std::uint16_t port_ = 0;
};

}  // namespace weather::sensors
