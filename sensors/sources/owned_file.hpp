// A file descriptor that closes itself.
#pragma once

#include <utility>

#include <unistd.h>

namespace weather::sensors {

class OwnedFile {
 public:
  explicit OwnedFile(int fd = -1) : fd_(fd) {}
  ~OwnedFile() {
    if (fd_ >= 0) ::close(fd_);
  }
  OwnedFile(OwnedFile&& other) noexcept : fd_(other.release()) {}
  OwnedFile& operator=(OwnedFile&& other) noexcept {
    if (this != &other) {
      if (fd_ >= 0) ::close(fd_);
      fd_ = other.release();
    }
    return *this;
  }
  int get() const { return fd_; }
  int release() { return std::exchange(fd_, -1); }

 private:
  int fd_;
};

}  // namespace weather::sensors
