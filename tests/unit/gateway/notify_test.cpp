#include "gateway/app/notify.hpp"

#include <array>
#include <cstdlib>
#include <filesystem>
#include <string>

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace weather::gateway {
namespace {

// systemd's end of the socket.
class Systemd {
 public:
  Systemd() : path_(std::filesystem::temp_directory_path() / ("wg-notify-" + std::to_string(::getpid()))) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path_.string().copy(address.sun_path, sizeof address.sun_path - 1);
    EXPECT_EQ(::bind(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
    ::setenv("NOTIFY_SOCKET", path_.c_str(), 1);
  }
  ~Systemd() {
    ::unsetenv("NOTIFY_SOCKET");
    ::close(socket_);
    std::filesystem::remove(path_);
  }
  Systemd(const Systemd&) = delete;
  Systemd& operator=(const Systemd&) = delete;
  std::string heard() const {
    std::array<char, 256> text{};
    const auto bytes = ::recv(socket_, text.data(), text.size(), MSG_DONTWAIT);
    return bytes < 0 ? "nothing" : std::string(text.data(), static_cast<std::size_t>(bytes));
  }

 private:
  const int socket_ = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  const std::filesystem::path path_;
};

TEST(Notify, TheWatchdogIsFedAlsoWithoutADescriptorLeft) {
  const Systemd systemd;
  notify_ready("storing");
  EXPECT_EQ(systemd.heard(), "READY=1\nSTATUS=storing");
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
  const rlimit none{3, before.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &none), 0);
  notify_watchdog();
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &before), 0);
  EXPECT_EQ(systemd.heard(), "WATCHDOG=1");
}

}  // namespace
}  // namespace weather::gateway
