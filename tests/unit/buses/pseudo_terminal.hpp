// A serial line that is not there: bytes written here come out of `path`, and the other way round.
#pragma once

#include <stdexcept>
#include <string>
#include <string_view>

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

namespace weather::sensors {

class PseudoTerminal {
 public:
  PseudoTerminal() : fd(::posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC)) {
    if (fd < 0 || ::grantpt(fd) != 0 || ::unlockpt(fd) != 0) throw std::runtime_error("no pseudo-terminal");
    path = ::ptsname(fd);
  }
  ~PseudoTerminal() { close(); }
  PseudoTerminal(const PseudoTerminal&) = delete;
  PseudoTerminal& operator=(const PseudoTerminal&) = delete;

  void write(std::string_view bytes) {
    if (::write(fd, bytes.data(), bytes.size()) != static_cast<ssize_t>(bytes.size()))
      throw std::runtime_error("short write");
  }
  void close() {
    if (fd >= 0) ::close(fd);
    fd = -1;
  }

  int fd;
  std::string path;
};

}  // namespace weather::sensors
