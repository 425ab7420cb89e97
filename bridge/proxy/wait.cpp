#include "bridge/proxy/wait.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <memory>

#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace weather::proxy {
namespace {

using Clock = std::chrono::steady_clock;

// As the Kafka client's own connections: one that was forgotten on the way is found out within two minutes.
void watch(int fd) {
  const auto set = [fd](int level, int option, int value) {
    (void)setsockopt(fd, level, option, &value, sizeof value);
  };
  set(SOL_SOCKET, SO_KEEPALIVE, 1);
  set(IPPROTO_TCP, TCP_KEEPIDLE, 60);
  set(IPPROTO_TCP, TCP_KEEPINTVL, 15);
  set(IPPROTO_TCP, TCP_KEEPCNT, 4);
  set(IPPROTO_TCP, TCP_USER_TIMEOUT, 120'000);
  set(IPPROTO_TCP, TCP_NODELAY, 1);
}

tl::expected<Descriptor, std::string> connect_one(const addrinfo& address, Time deadline, const Ends& ends) {
  Descriptor socket(::socket(address.ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!socket) return Failed(std::strerror(errno));
  watch(socket.get());
  int problem = ::connect(socket.get(), address.ai_addr, address.ai_addrlen) == 0 ? 0 : errno;
  if (problem == EINPROGRESS) {
    const auto woken = wait_for(socket.get(), POLLOUT, deadline, ends);
    if (woken == Woken::ended) return Failed("");
    socklen_t size = sizeof problem;
    problem = ETIMEDOUT;
    if (woken == Woken::ready) ::getsockopt(socket.get(), SOL_SOCKET, SO_ERROR, &problem, &size);
  }
  if (problem != 0) return Failed(std::strerror(problem));
  return socket;
}

}  // namespace

void Descriptor::reset(int fd) {
  if (fd_ >= 0) ::close(fd_);
  fd_ = fd;
}

Woken wait_for(int fd, short events, Time deadline, const Ends& ends) {
  for (;;) {
    std::array<pollfd, 3> all{pollfd{fd, events, 0}, pollfd{ends.local, 0, 0}, pollfd{ends.stop, POLLIN, 0}};
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now()).count();
    const int count = ::poll(all.data(), all.size(), static_cast<int>(std::max<decltype(left)>(left, 0)));
    if (count < 0 && errno != EINTR) return Woken::ended;
    if (all[1].revents != 0 || all[2].revents != 0) return Woken::ended;
    if (all[0].revents != 0) return Woken::ready;
    if (left <= 0) return Woken::too_late;
  }
}

tl::expected<Descriptor, std::string> connect_to(const std::string& host, std::uint16_t port, Time deadline,
                                                 const Ends& ends) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (const int code = ::getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &found); code != 0)
    return Failed("its name cannot be resolved: " + std::string(::gai_strerror(code)));
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owned(found, &::freeaddrinfo);
  std::int64_t left = 0;
  for (const auto* one = found; one != nullptr; one = one->ai_next) ++left;
  std::string error;
  for (const auto* one = found; one != nullptr; one = one->ai_next, --left) {
    const auto now = Clock::now();
    auto socket = connect_one(*one, now + (deadline - now) / left, ends);
    if (socket || socket.error().empty()) return socket;
    error = socket.error();
  }
  return Failed(error);
}

}  // namespace weather::proxy
