// For LD_PRELOAD: what a program asks a GPIO chip (linux/gpio.h, uAPI v2) is answered by whoever listens at
// the Unix socket that FAKE_GPIO names (harness/gpio.py). Each question is a connection of packets: the
// number of the request and its bytes go there, an errno and the bytes come back. The connection of a line
// that was given is the line: its events are packets, and it ends with the program.
#include <cerrno>
#include <cstdarg>
#include <cstdint>
#include <cstdlib>
#include <cstring>

#include <linux/gpio.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

namespace {

constexpr unsigned gpio_type = 0xB4;
constexpr std::size_t largest = 4096, head = sizeof(std::int32_t);

int connect_to(const char* path) {
  const int file = ::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, path, sizeof address.sun_path - 1);
  if (file >= 0 && ::connect(file, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0) return file;
  if (file >= 0) ::close(file);
  return -1;
}

// 0, or an errno.
int ask(int file, unsigned long request, void* data) {
  char packet[largest];
  const auto size = _IOC_SIZE(request);
  const auto number = static_cast<std::uint32_t>(request);
  std::memcpy(packet, &number, head);
  std::memcpy(packet + head, data, size);
  if (::send(file, packet, head + size, MSG_NOSIGNAL) < 0) return EIO;
  if (::recv(file, packet, sizeof packet, 0) != static_cast<ssize_t>(head + size)) return EIO;
  std::int32_t error = 0;
  std::memcpy(&error, packet, head);
  if (error == 0) std::memcpy(data, packet + head, size);
  return error;
}

}  // namespace

extern "C" int ioctl(int file, unsigned long request, ...) noexcept {
  va_list arguments;
  va_start(arguments, request);
  void* data = va_arg(arguments, void*);
  va_end(arguments);
  const char* const path = std::getenv("FAKE_GPIO");
  if (_IOC_TYPE(request) != gpio_type || path == nullptr)
    return static_cast<int>(::syscall(SYS_ioctl, file, request, data));
  const int answers = connect_to(path);
  errno = answers < 0 ? ENODEV : ask(answers, request, data);
  if (errno == 0 && request == GPIO_V2_GET_LINE_IOCTL) {
    static_cast<gpio_v2_line_request*>(data)->fd = answers;
    return 0;
  }
  const int error = errno;
  if (answers >= 0) ::close(answers);
  errno = error;
  return error == 0 ? 0 : -1;
}
