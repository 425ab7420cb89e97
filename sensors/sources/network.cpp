#include "sensors/sources/network.hpp"

#include <algorithm>
#include <cstring>
#include <mutex>
#include <thread>
#include <utility>

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>

namespace weather::sensors {
namespace {

using boost::asio::ip::address;

// getsockname or getpeername.
template <class Ask>
std::uint16_t port_of(int fd, Ask ask) {
  sockaddr_storage name{};
  socklen_t size = sizeof name;
  if (ask(fd, reinterpret_cast<sockaddr*>(&name), &size) != 0) return 0;
  if (name.ss_family == AF_INET) {
    sockaddr_in v4{};
    std::memcpy(&v4, &name, sizeof v4);
    return ntohs(v4.sin_port);
  }
  if (name.ss_family == AF_INET6) {
    sockaddr_in6 v6{};
    std::memcpy(&v6, &name, sizeof v6);
    return ntohs(v6.sin6_port);
  }
  return 0;
}

address address_of(const sockaddr& name) {
  if (name.sa_family == AF_INET) {
    sockaddr_in v4{};
    std::memcpy(&v4, &name, sizeof v4);
    return boost::asio::ip::address_v4(ntohl(v4.sin_addr.s_addr));
  }
  sockaddr_in6 v6{};
  std::memcpy(&v6, &name, sizeof v6);
  boost::asio::ip::address_v6::bytes_type bytes{};
  std::memcpy(bytes.data(), &v6.sin6_addr, bytes.size());
  return boost::asio::ip::address_v6(bytes, v6.sin6_scope_id);
}

Resolved look_up(const std::string& host) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const int rc = getaddrinfo(host.c_str(), nullptr, &hints, &found);
  if (rc != 0) return tl::unexpected("the name " + host + " cannot be resolved: " + gai_strerror(rc));
  std::vector<address> addresses;
  for (const auto* one = found; one != nullptr; one = one->ai_next)
    if (one->ai_family == AF_INET || one->ai_family == AF_INET6)
      addresses.push_back(address_of(*one->ai_addr));
  freeaddrinfo(found);
  return addresses;
}

}  // namespace

bool is_connected_from_here(std::uint16_t local_port, std::uint16_t peer_port) {
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  const int end = static_cast<int>(std::min<rlim_t>(limit.rlim_cur, 65'536));
  for (int fd = 3; fd < end; ++fd)
    if (port_of(fd, getsockname) == local_port && port_of(fd, getpeername) == peer_port) return true;
  return false;
}

void resolve_host(const std::string& host, std::function<void(Resolved)> done) {
  boost::system::error_code is_name;
  const auto known = boost::asio::ip::make_address(host, is_name);
  if (!is_name) {
    done(std::vector{known});
    return;
  }
  std::thread([host, done = std::move(done)] { done(look_up(host)); }).detach();
}

// Looking up cannot be cancelled: its thread must not hold what belongs to the loop.
struct HostLookup::Loop {
  std::mutex mutex;
  boost::asio::io_context* io;
};

HostLookup::HostLookup(boost::asio::io_context& io) : loop_(new Loop{{}, &io}) {}

void HostLookup::start(const std::string& host, std::function<void(Resolved)> done) {
  resolve_host(host, [loop = loop_, done = std::move(done)](Resolved found) {
    const std::lock_guard lock(loop->mutex);
    if (loop->io == nullptr) return;
    boost::asio::post(*loop->io, [done, found = std::move(found)]() mutable { done(std::move(found)); });
  });
}

void HostLookup::leave() {
  const std::lock_guard lock(loop_->mutex);
  loop_->io = nullptr;
}

}  // namespace weather::sensors
