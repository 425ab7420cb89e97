#include "gateway/app/notify.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <ctime>

#include <sys/socket.h>
#include <sys/un.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

namespace weather::gateway {
namespace {

// sd_notify(3) opens a socket each time. The watchdog must be fed also when there is no descriptor left, so
// one is opened at the first call and kept; the datagrams are those of sd_notify(3).
class Manager {
 public:
  Manager() {
    const char* const path = std::getenv("NOTIFY_SOCKET");
    if (path == nullptr) return;
    const std::size_t length = std::strlen(path);
    if ((*path != '/' && *path != '@') || length < 2 || length > sizeof address_.sun_path) return;
    address_.sun_family = AF_UNIX;
    std::memcpy(address_.sun_path, path, length);
    if (*path == '@') address_.sun_path[0] = '\0';
    address_bytes_ = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + length);
    socket_ = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  }
  ~Manager() {
    if (socket_ >= 0) ::close(socket_);
  }
  Manager(const Manager&) = delete;
  Manager& operator=(const Manager&) = delete;

  void send_state(const std::string& state) const {
    if (socket_ < 0) return;
    (void)::sendto(socket_, state.data(), state.size(), MSG_NOSIGNAL,
                   reinterpret_cast<const sockaddr*>(&address_), address_bytes_);
  }

 private:
  sockaddr_un address_{};
  socklen_t address_bytes_ = 0;
  int socket_ = -1;
};

void send_state(const std::string& state) {
  static const Manager manager;
  manager.send_state(state);
}

}  // namespace

void notify_ready(const std::string& status) {
  send_state("READY=1\nSTATUS=" + status);
}

void notify_status(const std::string& status) {
  send_state("STATUS=" + status);
}

void notify_reloading() {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  const auto us = std::int64_t{now.tv_sec} * 1'000'000 + now.tv_nsec / 1000;
  send_state("RELOADING=1\nMONOTONIC_USEC=" + std::to_string(us));
}

void notify_stopping() {
  send_state("STOPPING=1");
}

void notify_watchdog() {
  send_state("WATCHDOG=1");
}

std::chrono::milliseconds watchdog_interval() {
  std::uint64_t us = 0;
  if (::sd_watchdog_enabled(0, &us) <= 0) return std::chrono::milliseconds{0};
  return std::chrono::milliseconds{us / 2000};
}

}  // namespace weather::gateway
