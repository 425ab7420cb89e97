#include "sensors/sources/network.hpp"

#include <algorithm>
#include <cstring>
#include <thread>
#include <utility>

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>

namespace weather::sensors {
namespace {

std::uint16_t peer_port(int fd) {
  sockaddr_storage peer{};
  socklen_t size = sizeof peer;
  if (getpeername(fd, reinterpret_cast<sockaddr*>(&peer), &size) != 0) return 0;
  if (peer.ss_family == AF_INET) {
    sockaddr_in v4{};
    std::memcpy(&v4, &peer, sizeof v4);
    return ntohs(v4.sin_port);
  }
  if (peer.ss_family == AF_INET6) {
    sockaddr_in6 v6{};
    std::memcpy(&v6, &peer, sizeof v6);
    return ntohs(v6.sin6_port);
  }
  return 0;
}

std::string look_up(const std::string& host) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const int rc = getaddrinfo(host.c_str(), nullptr, &hints, &found);
  if (rc != 0) return "the name " + host + " cannot be resolved: " + gai_strerror(rc);
  freeaddrinfo(found);
  return {};
}

}  // namespace

std::size_t shutdown_connections_to(std::uint16_t port) {
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  const int end = static_cast<int>(std::min<rlim_t>(limit.rlim_cur, 65'536));
  std::size_t count = 0;
  for (int fd = 3; fd < end; ++fd) {
    if (peer_port(fd) == port && shutdown(fd, SHUT_RDWR) == 0) ++count;
  }
  return count;
}

void resolve_host(const std::string& host, std::function<void(std::string error)> done) {
  in6_addr address{};
  if (inet_pton(AF_INET, host.c_str(), &address) == 1 || inet_pton(AF_INET6, host.c_str(), &address) == 1) {
    done({});
    return;
  }
  std::thread([host, done = std::move(done)] { done(look_up(host)); }).detach();
}

}  // namespace weather::sensors
