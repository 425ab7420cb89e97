// Waiting for descriptors in a thread of one's own: with a time, and with others that end the wait.
#pragma once

#include <chrono>
#include <string>
#include <utility>

#include <tl/expected.hpp>

namespace weather::proxy {

using Time = std::chrono::steady_clock::time_point;

class Descriptor {
 public:
  Descriptor() = default;
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() { reset(); }
  Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    reset(std::exchange(other.fd_, -1));
    return *this;
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;

  int get() const { return fd_; }
  explicit operator bool() const { return fd_ >= 0; }
  [[nodiscard]] int release() { return std::exchange(fd_, -1); }
  void reset(int fd = -1);

 private:
  int fd_ = -1;
};

// What ends every wait: the other side of `local` has gone, or `stop` can be read.
struct Ends {
  int local = -1, stop = -1;
};

enum class Woken : std::uint8_t { ready, too_late, ended };
Woken wait_for(int fd, short events, Time deadline, const Ends& ends);

// Without a text: the wait was ended by one of its ends.
using Failed = tl::unexpected<std::string>;

// A connection to a host of that name or address. Looking the name up takes as long as the system likes.
tl::expected<Descriptor, std::string> connect_to(const std::string& host, std::uint16_t port, Time deadline,
                                                 const Ends& ends);

}  // namespace weather::proxy
