#include "sensors/sources/folder_watch.hpp"

#include <array>
#include <filesystem>

#include <poll.h>
#include <sys/inotify.h>
#include <unistd.h>

namespace weather::sensors {
namespace {

constexpr std::chrono::milliseconds moment{20};

}  // namespace

FolderWatch::FolderWatch(const std::string& path) : fd_(::inotify_init1(IN_NONBLOCK | IN_CLOEXEC)) {
  auto folder = std::filesystem::path(path).parent_path();
  if (folder.empty()) folder = ".";
  if (fd_ >= 0 && ::inotify_add_watch(fd_, folder.c_str(), IN_MODIFY | IN_CREATE | IN_MOVED_TO) < 0) {
    ::close(fd_);
    fd_ = -1;
  }
}

FolderWatch::~FolderWatch() {
  if (fd_ >= 0) ::close(fd_);
}

void FolderWatch::wait(int stop_fd, std::chrono::milliseconds time) {
  std::array<pollfd, 2> fds{pollfd{stop_fd, POLLIN, 0}, pollfd{fd_, POLLIN, 0}};  // fd < 0 is passed over
  if (::poll(fds.data(), fds.size(), static_cast<int>(time.count())) <= 0 || fds[1].revents == 0) return;
  ::poll(fds.data(), 1, static_cast<int>(moment.count()));
  std::array<char, 4096> events{};
  while (::read(fd_, events.data(), events.size()) > 0) {
  }
}

}  // namespace weather::sensors
