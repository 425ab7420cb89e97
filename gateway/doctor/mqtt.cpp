// One connection to an MQTT broker, to see whether it is there and lets us in.
#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <optional>
#include <utility>

#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bridge/proxy/tunnels.hpp"
#include "gateway/doctor/facts.hpp"
#include "sensors/sources/broker_url.hpp"

namespace weather::gateway {
namespace {

class Socket {
 public:
  explicit Socket(int fd) : fd_(fd) {}
  ~Socket() {
    if (fd_ >= 0) ::close(fd_);
  }
  Socket(Socket&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;
  Socket& operator=(Socket&&) = delete;
  int fd() const { return fd_; }
  bool ready(short events, std::chrono::milliseconds timeout) const {
    pollfd waiting{fd_, events, 0};
    return ::poll(&waiting, 1, static_cast<int>(timeout.count())) == 1;
  }

 private:
  int fd_;
};

Socket connect_to(const std::string& host, const std::string& port, std::chrono::milliseconds timeout,
                  std::string& error) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (const int code = ::getaddrinfo(host.c_str(), port.c_str(), &hints, &found); code != 0) {
    error = ::gai_strerror(code);
    return Socket(-1);
  }
  for (const auto* address = found; address != nullptr; address = address->ai_next) {
    Socket socket(::socket(address->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    int problem = ::connect(socket.fd(), address->ai_addr, address->ai_addrlen) == 0 ? 0 : errno;
    if (problem == EINPROGRESS) {
      socklen_t size = sizeof problem;
      problem = ETIMEDOUT;
      if (socket.ready(POLLOUT, timeout)) ::getsockopt(socket.fd(), SOL_SOCKET, SO_ERROR, &problem, &size);
    }
    if (problem == 0) {
      ::freeaddrinfo(found);
      return socket;
    }
    error = std::strerror(problem);
  }
  ::freeaddrinfo(found);
  return Socket(-1);
}

void add_text(std::string& to, std::string_view text) {
  to += static_cast<char>(text.size() >> 8U);
  to += static_cast<char>(text.size() & 0xFFU);
  to += text;
}

std::string first_line(const std::filesystem::path& file) {
  std::ifstream stream(file);
  std::string line;
  std::getline(stream, line);
  return line;
}

// MQTT 3.1.1, 3.1: a clean session under a name of its own, so that the gateway's own session is left alone.
std::string connect_packet(const MqttConfig& config) {
  std::string body;
  add_text(body, "MQTT");
  const bool user = !config.username.empty(), password = !config.password_file.empty();
  body += '\x04';
  body += static_cast<char>(0x02 | (user ? 0x80 : 0) | (password ? 0x40 : 0));
  body += std::string("\0\x0A", 2);  // keep alive 10 s
  add_text(body, "weather-gateway-check-" + std::to_string(::getpid()));
  if (user) add_text(body, config.username);
  if (password) add_text(body, first_line(config.password_file));
  std::string packet("\x10");
  for (auto left = body.size(); left > 0 || packet.size() == 1; left /= 128)
    packet += static_cast<char>(left % 128 | (left >= 128 ? 0x80U : 0U));
  return packet + body;
}

}  // namespace

MqttFacts look_at_mqtt(const MqttConfig& config, std::chrono::milliseconds timeout,
                       const proxy::Settings& proxy) {
  MqttFacts facts;
  facts.url = config.url;
  const auto url = sensors::parse_broker_url(config.url);
  if (!url) {
    facts.error = url.error();
    return facts;
  }
  std::optional<proxy::Tunnels> way;
  const auto connect = [&] {
    if (!config.proxy || !proxy.carries(url->host, url->port))
      return connect_to(url->host, std::to_string(url->port), timeout, facts.error);
    const auto end = way.emplace(proxy, timeout).dial({url->host, url->port});
    if (!end) facts.error = end.error();
    return Socket(end.value_or(-1));
  };
  const auto socket = connect();
  facts.reached = socket.fd() >= 0;
  if (!facts.reached) return facts;
  facts.error.clear();
  if (url->tls) {
    facts.error = "takes connections; whether its certificate is right shows when the gateway connects";
    return facts;
  }
  const auto packet = connect_packet(config);
  std::array<char, 4> answer{};
  const bool answered =
      ::send(socket.fd(), packet.data(), packet.size(), MSG_NOSIGNAL) > 0 && socket.ready(POLLIN, timeout) &&
      ::recv(socket.fd(), answer.data(), answer.size(), MSG_WAITALL) == 4 && answer[0] == 0x20;
  if (answered) {
    facts.code = static_cast<unsigned char>(answer[3]);
    (void)::send(socket.fd(), "\xE0\0", 2, MSG_NOSIGNAL);  // DISCONNECT
  } else {
    facts.reached = false;
    facts.error = "it takes connections and does not speak MQTT";
  }
  return facts;
}

}  // namespace weather::gateway
