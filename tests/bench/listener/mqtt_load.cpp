// A publisher for measurements: N connections, each with a window of QoS 1 publications in flight, as fast as
// the server acknowledges or at a rate. Prints one line: messages, seconds, messages/s, PUBACK latency: at a
// rate from the moment each message was due (an open loop: what waits because of others counts), else from
// the moment it was sent.
//
//   mqtt-load --port 1883 --connections 1 --window 1000 --messages 1000000 [--rate 2000] [--topic
//   weather/roof] [--sensors 50]
#include <algorithm>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <map>
#include <stdexcept>
#include <string>
#include <vector>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace {

using Clock = std::chrono::steady_clock;

struct Settings {
  std::uint16_t port = 1883;
  unsigned connections = 1, window = 1000, sensors = 50;
  std::uint64_t messages = 100'000;
  double rate = 0;  // messages/s in all; 0: as fast as acknowledged
  std::string topic = "weather/load";
  std::string client_id = "load";
};

Settings settings_of(int argc, char** argv) {
  std::map<std::string, std::string> given;
  for (int i = 1; i + 1 < argc; i += 2) given[argv[i]] = argv[i + 1];
  Settings settings;
  const auto number = [&](const char* name, auto& into) {
    if (given.contains(name))
      into = static_cast<std::remove_reference_t<decltype(into)>>(std::stod(given[name]));
  };
  number("--port", settings.port);
  number("--connections", settings.connections);
  number("--window", settings.window);
  number("--sensors", settings.sensors);
  number("--messages", settings.messages);
  number("--rate", settings.rate);
  if (given.contains("--topic")) settings.topic = given["--topic"];
  if (given.contains("--client-id")) settings.client_id = given["--client-id"];
  return settings;
}

// Of 143 bytes (with up to 1,000 sensors), with a sequence.
std::string made_payload(std::uint64_t sequence, unsigned sensors) {
  char text[200];
  const int size = std::snprintf(
      text, sizeof text,
      "{\"id\":\"sensor-%03u\",\"temperature\":%.1f,\"humidity\":%u,\"location\":\"Nairobi\",\"sequence\":%"
      "010llu,"
      "\"time\":\"2025-09-20T06:30:00.123Z\"}",
      static_cast<unsigned>(sequence % sensors), 20.0 + static_cast<double>(sequence % 100) / 10,
      static_cast<unsigned>(40 + sequence % 50), static_cast<unsigned long long>(1'000'000'000 + sequence));
  return {text, static_cast<std::size_t>(size)};
}

// All but the sequence comes round, after 100 messages or once each sensor has sent: the publisher shall cost
// next to nothing beside what it measures.
class Payloads {
 public:
  explicit Payloads(unsigned sensors) {
    const unsigned count = std::max(100U, sensors);
    for (unsigned n = 0; n < count; ++n) made_.push_back(made_payload(n, sensors));
  }
  const std::string& of(std::uint64_t sequence) {
    std::string& payload = made_[sequence % made_.size()];
    const std::size_t digits = payload.find("\"sequence\":") + 11;
    std::to_chars(&payload[digits], &payload[digits] + 10, 1'000'000'000 + sequence);
    return payload;
  }

 private:
  std::vector<std::string> made_;
};

void append_remaining_length(std::string& out, std::size_t length) {
  for (; length > 127; length >>= 7U) out.push_back(static_cast<char>((length & 0x7FU) | 0x80U));
  out.push_back(static_cast<char>(length));
}

void append_string(std::string& out, const std::string& text) {
  out.push_back(static_cast<char>(text.size() >> 8U));
  out.push_back(static_cast<char>(text.size() & 0xFFU));
  out += text;
}

struct Connection {
  int socket = -1;
  bool accepted = false;
  std::uint16_t next_id = 0;
  std::string out, in;
  std::deque<Clock::time_point> sent;
};

class Load {
 public:
  explicit Load(Settings settings)
      : settings_(std::move(settings)), payloads_(settings_.sensors), connections_(settings_.connections) {}

  void run() {
    poll_ = epoll_create1(0);
    for (unsigned i = 0; i < settings_.connections; ++i) open(connections_[i], i);
    while (accepted_ < settings_.connections) poll(std::chrono::seconds(1));
    begin_ = Clock::now();
    for (Connection& connection : connections_) fill(connection);
    while (acknowledged_ < settings_.messages) {
      poll(settings_.rate > 0 ? until_due() : std::chrono::seconds(1));
      if (settings_.rate > 0) {
        for (Connection& connection : connections_) fill(connection);
      }
    }
    report();
  }

 private:
  void open(Connection& connection, unsigned index) {
    connection.socket = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(settings_.port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(connection.socket, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
      throw std::runtime_error("cannot connect");
    }
    const int on = 1;
    setsockopt(connection.socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.u32 = index;
    epoll_ctl(poll_, EPOLL_CTL_ADD, connection.socket, &event);
    std::string body;
    append_string(body, "MQTT");
    body += std::string("\x04\x02\x00\x00", 4);
    append_string(body, settings_.client_id + std::to_string(index));
    connection.out.push_back('\x10');
    append_remaining_length(connection.out, body.size());
    connection.out += body;
    flush(connection, index);
  }

  // When the next message is to be sent, at a rate.
  Clock::time_point next_due() const {
    const std::chrono::duration<double> since(static_cast<double>(sent_) / settings_.rate);
    return begin_ + std::chrono::duration_cast<Clock::duration>(since);
  }
  bool due() const {
    return sent_ < settings_.messages && (settings_.rate <= 0 || next_due() <= Clock::now());
  }
  std::chrono::nanoseconds until_due() const {
    if (sent_ >= settings_.messages) return std::chrono::milliseconds(10);
    return std::clamp<std::chrono::nanoseconds>(next_due() - Clock::now(), std::chrono::nanoseconds(0),
                                                std::chrono::milliseconds(10));
  }

  void fill(Connection& connection) {
    if (!connection.out.empty() && connection.out.size() > 256U << 10U) return;
    while (connection.sent.size() < settings_.window && due()) {
      const auto at = settings_.rate > 0 ? next_due() : Clock::now();
      const std::string& payload = payloads_.of(sent_++);
      if (++connection.next_id == 0) connection.next_id = 1;
      connection.out.push_back('\x32');
      append_remaining_length(connection.out, settings_.topic.size() + 4 + payload.size());
      append_string(connection.out, settings_.topic);
      connection.out.push_back(static_cast<char>(connection.next_id >> 8U));
      connection.out.push_back(static_cast<char>(connection.next_id & 0xFFU));
      connection.out += payload;
      connection.sent.push_back(at);
    }
    flush(connection, static_cast<unsigned>(&connection - connections_.data()));
  }

  void flush(Connection& connection, unsigned index) {
    if (connection.out.empty()) return;
    const ssize_t count =
        ::send(connection.socket, connection.out.data(), connection.out.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    if (count < 0 && errno != EAGAIN) throw std::runtime_error("the server closed the connection");
    if (count > 0) connection.out.erase(0, static_cast<std::size_t>(count));
    epoll_event event{};
    event.events = EPOLLIN | (connection.out.empty() ? 0U : static_cast<unsigned>(EPOLLOUT));
    event.data.u32 = index;
    if (!connection.out.empty() || connection_wants_out_.contains(index)) {
      epoll_ctl(poll_, EPOLL_CTL_MOD, connection.socket, &event);
      if (connection.out.empty()) {
        connection_wants_out_.erase(index);
      } else {
        connection_wants_out_[index] = true;
      }
    }
  }

  void poll(std::chrono::nanoseconds timeout) {
    epoll_event events[256];
    const timespec longest{timeout.count() / 1'000'000'000, timeout.count() % 1'000'000'000};
    const int count = epoll_pwait2(poll_, events, 256, &longest, nullptr);
    for (int i = 0; i < count; ++i) {
      Connection& connection = connections_[events[i].data.u32];
      if ((events[i].events & EPOLLOUT) != 0) flush(connection, events[i].data.u32);
      if ((events[i].events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0) read(connection);
    }
  }

  void read(Connection& connection) {
    char buffer[65536];
    const ssize_t count = ::recv(connection.socket, buffer, sizeof buffer, MSG_DONTWAIT);
    if (count < 0 && errno == EAGAIN) return;
    if (count <= 0) throw std::runtime_error("the server closed the connection");
    connection.in.append(buffer, static_cast<std::size_t>(count));
    const auto now = Clock::now();
    std::size_t taken = 0;
    for (; connection.in.size() - taken >= 4; taken += 4) {  // CONNACK and PUBACK are four bytes
      if (!connection.accepted) {
        if (connection.in[taken + 3] != 0) throw std::runtime_error("CONNECT was refused");
        connection.accepted = true;
        ++accepted_;
        continue;
      }
      const auto wait = std::chrono::duration_cast<std::chrono::microseconds>(now - connection.sent.front());
      connection.sent.pop_front();
      latencies_us_.push_back(static_cast<std::uint32_t>(wait.count()));
      ++acknowledged_;
    }
    connection.in.erase(0, taken);
    if (begin_ != Clock::time_point{}) fill(connection);
  }

  void report() {
    const double seconds = std::chrono::duration<double>(Clock::now() - begin_).count();
    std::sort(latencies_us_.begin(), latencies_us_.end());
    const auto at = [&](double share) {
      return latencies_us_[static_cast<std::size_t>(share * static_cast<double>(latencies_us_.size() - 1))];
    };
    std::printf(
        "{\"messages\":%llu,\"seconds\":%.3f,\"per_second\":%.0f,\"puback_p50_us\":%u,\"puback_p99_us\":%u,"
        "\"puback_max_us\":%u}\n",
        static_cast<unsigned long long>(acknowledged_), seconds, static_cast<double>(acknowledged_) / seconds,
        at(0.5), at(0.99), at(1.0));
  }

  Settings settings_;
  Payloads payloads_;
  std::vector<Connection> connections_;
  std::map<unsigned, bool> connection_wants_out_;
  int poll_ = -1;
  unsigned accepted_ = 0;
  std::uint64_t sent_ = 0, acknowledged_ = 0;
  Clock::time_point begin_;
  std::vector<std::uint32_t> latencies_us_;
};

}  // namespace

int main(int argc, char** argv) {
  try {
    Load(settings_of(argc, argv)).run();
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "mqtt-load: %s\n", error.what());
    return 1;
  }
}
