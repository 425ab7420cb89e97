// Wakes who follows a file when something happens in its folder. Without inotify (no descriptors left, a file
// system that has none) it is a pause.
#pragma once

#include <chrono>
#include <string>

namespace weather::sensors {

class FolderWatch {
 public:
  explicit FolderWatch(const std::string& path);  // of a file in the folder
  ~FolderWatch();
  FolderWatch(const FolderWatch&) = delete;
  FolderWatch& operator=(const FolderWatch&) = delete;

  // Until a file there was written, made or renamed, stop_fd is readable, or the time is over. What happens
  // within a moment counts as one thing: a busy writer does not wake for every line.
  void wait(int stop_fd, std::chrono::milliseconds time);

 private:
  int fd_;
};

}  // namespace weather::sensors
