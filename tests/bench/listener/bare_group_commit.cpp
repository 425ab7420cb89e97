// The least that a listener can do: it receives what is there, writes it with one pwrite and one fdatasync,
// and acknowledges it. It decodes nothing, keeps no topic and forwards nothing. The floor beside which the
// gateway's listener is measured, under the same arrivals from mqtt-load.
//
//   bare-group-commit PORT FILE BYTES-OF-A-PUBLISH
//
// Ends with the last connection, and prints its CPU seconds a million messages.
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <stdexcept>
#include <string>
#include <vector>

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/bench/cpu_seconds.hpp"

namespace {

using weather::bench::cpu_seconds;

constexpr std::size_t block_bytes = 4096;
constexpr std::size_t file_bytes = 64U << 20U;
constexpr std::size_t record_bytes = 200;  // of a stored reading

struct Publisher {
  bool connected = false;
  std::uint16_t id = 0;
  std::size_t bytes = 0;  // received and not acknowledged
};

class Server {
 public:
  Server(std::uint16_t port, const char* file, std::size_t publish_bytes)
      : publish_bytes_(publish_bytes), file_(::open(file, O_RDWR | O_CREAT | O_CLOEXEC, 0600)) {
    for (std::size_t at = 0; at < file_bytes; at += block_.size())
      if (::pwrite(file_, block_.data(), block_.size(), static_cast<off_t>(at)) < 0)
        throw std::runtime_error("cannot write the file");
    ::fsync(file_);
    listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const int on = 1;
    ::setsockopt(listener_, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 ||
        ::listen(listener_, 2000) != 0)
      throw std::runtime_error("cannot listen");
    watch(listener_);
  }

  void run() {
    std::vector<epoll_event> events(512);
    while (messages_ == 0 || !publishers_.empty()) {
      const int count = ::epoll_wait(poll_, events.data(), static_cast<int>(events.size()), -1);
      std::vector<int> came;
      std::size_t group = 0;
      for (int i = 0; i < count; ++i) {
        const int socket = events[static_cast<std::size_t>(i)].data.fd;
        if (socket == listener_) {
          accept();
        } else if (const std::size_t messages = receive(socket); messages > 0) {
          came.push_back(socket);
          group += messages;
        }
      }
      if (group == 0) continue;
      commit(group);
      for (const int socket : came) acknowledge(socket);
      messages_ += group;
    }
    std::printf("{\"bare_cpu_s_per_million\":%.2f}\n",
                (cpu_seconds() - began_) * 1e6 / static_cast<double>(messages_));
  }

 private:
  void watch(int socket) const {
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.fd = socket;
    ::epoll_ctl(poll_, EPOLL_CTL_ADD, socket, &event);
  }
  void accept() {
    const int socket = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (socket < 0) return;
    const int on = 1;
    ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    watch(socket);
    publishers_[socket] = {};
  }
  // Whole messages that wait for an acknowledgement.
  std::size_t receive(int socket) {
    const ssize_t count = ::recv(socket, buffer_.data(), buffer_.size(), MSG_DONTWAIT);
    if (count <= 0) {
      publishers_.erase(socket);
      ::close(socket);
      return 0;
    }
    auto& publisher = publishers_[socket];
    auto bytes = static_cast<std::size_t>(count);
    if (!publisher.connected) {
      publisher.connected = true;
      const char connack[] = {0x20, 2, 0, 0};
      ::send(socket, connack, sizeof connack, MSG_NOSIGNAL);
      bytes -= 2 + static_cast<unsigned char>(buffer_[1]);
    }
    if (bytes > 0 && began_ == 0) began_ = cpu_seconds();
    publisher.bytes += bytes;
    return publisher.bytes / publish_bytes_;
  }
  void commit(std::size_t messages) {
    const std::size_t wanted = (messages * record_bytes + block_bytes - 1) / block_bytes * block_bytes;
    const std::size_t length = std::min(wanted, block_.size());
    if (at_ + length > file_bytes) at_ = 0;
    if (::pwrite(file_, block_.data(), length, static_cast<off_t>(at_)) < 0 || ::fdatasync(file_) != 0)
      throw std::runtime_error("cannot write the file");
    at_ += length;
  }
  void acknowledge(int socket) {
    auto& publisher = publishers_[socket];
    std::string out;
    for (; publisher.bytes >= publish_bytes_; publisher.bytes -= publish_bytes_) {
      if (++publisher.id == 0) publisher.id = 1;
      out += {0x40, 2, static_cast<char>(publisher.id >> 8U), static_cast<char>(publisher.id & 0xFFU)};
    }
    ::send(socket, out.data(), out.size(), MSG_NOSIGNAL);
  }

  std::size_t publish_bytes_;
  int file_;
  int listener_ = -1;
  int poll_ = ::epoll_create1(EPOLL_CLOEXEC);
  std::map<int, Publisher> publishers_;
  std::vector<char> buffer_ = std::vector<char>(1U << 18U);
  std::vector<char> block_ = std::vector<char>(1U << 20U, 'x');
  std::size_t at_ = 0, messages_ = 0;
  double began_ = 0;
};

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) return std::fprintf(stderr, "usage: bare-group-commit PORT FILE BYTES-OF-A-PUBLISH\n"), 64;
  try {
    Server(static_cast<std::uint16_t>(std::atoi(argv[1])), argv[2],
           static_cast<std::size_t>(std::atoi(argv[3])))
        .run();
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "bare-group-commit: %s\n", error.what());
    return 1;
  }
}
