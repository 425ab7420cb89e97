// For LD_PRELOAD, and for the unit tests: /dev/i2c-1 with the chips of fake_chips.hpp on it. The file
// FAKE_I2C_FILE says what is wrong with them, a line each, looked at in each transfer: "gone 62" (and without
// supply), "corrupt 69", "kernel 76" (a driver of the kernel has it).
// The names of the C library themselves, and not those that stand for them where file offsets or times of 64
// bits are asked for.
#undef _FILE_OFFSET_BITS
#undef _TIME_BITS
#include <cerrno>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <set>
#include <string_view>

#include <dlfcn.h>
#include <fcntl.h>
#include <linux/i2c-dev.h>
#include <linux/i2c.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "tests/unit/i2c/fake_chips.hpp"

namespace {

class FakeBus {
 public:
  bool is_bus(int fd) const {
    char link[32], name[64];
    std::snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    const auto size = ::readlink(link, name, sizeof name);
    return size > 0 && std::string_view(name, static_cast<std::size_t>(size)).starts_with("/memfd:fake-i2c");
  }

  int control(unsigned long request, void* argument) {
    const std::lock_guard lock(mutex_);
    read_faults();
    switch (request) {
      case I2C_FUNCS:
        *static_cast<unsigned long*>(argument) = I2C_FUNC_I2C;
        return 0;
      case I2C_SLAVE:
        if (!kernel_.contains(static_cast<std::uint8_t>(reinterpret_cast<std::uintptr_t>(argument))))
          return 0;
        errno = EBUSY;
        return -1;
      case I2C_RDWR:
        return transfer(*static_cast<i2c_rdwr_ioctl_data*>(argument));
      default:
        errno = ENOTTY;
        return -1;
    }
  }

 private:
  int transfer(const i2c_rdwr_ioctl_data& data) {
    weather::test::Bytes write;
    i2c_msg* reading = nullptr;
    for (__u32 i = 0; i < data.nmsgs; ++i) {
      auto& message = data.msgs[i];
      if ((message.flags & I2C_M_RD) != 0)
        reading = &message;
      else
        write.assign(message.buf, message.buf + message.len);
    }
    const auto address = static_cast<std::uint8_t>(data.msgs[0].addr);
    const auto answer = chips_.transfer(address, write, reading == nullptr ? 0 : reading->len);
    if (!answer) {
      errno = EREMOTEIO;
      return -1;
    }
    if (reading != nullptr)
      std::memcpy(reading->buf, answer->data(), std::min<std::size_t>(answer->size(), reading->len));
    return static_cast<int>(data.nmsgs);
  }

  void read_faults() {
    chips_.corrupt.clear();
    kernel_.clear();
    std::set<std::uint8_t> gone;
    const char* name = std::getenv("FAKE_I2C_FILE");
    std::FILE* file = name == nullptr ? nullptr : std::fopen(name, "re");
    char word[16];
    unsigned address = 0;
    while (file != nullptr && std::fscanf(file, "%15s %x", word, &address) == 2) {
      auto& faulty = word[0] == 'g' ? gone : word[0] == 'c' ? chips_.corrupt : kernel_;
      faulty.insert(static_cast<std::uint8_t>(address));
    }
    if (file != nullptr) std::fclose(file);
    for (const auto one : gone) chips_.power_cycle(one);
    chips_.gone = gone;
  }

  std::mutex mutex_;
  std::set<std::uint8_t> kernel_;
  weather::test::FakeChips chips_{[] {
    return std::chrono::duration_cast<std::chrono::milliseconds>(
        std::chrono::steady_clock::now().time_since_epoch());
  }};
};

FakeBus& bus() {
  static FakeBus the_bus;
  return the_bus;
}

int open_as(const char* function, const char* path, int flags, mode_t mode) {
  if (std::strcmp(path, "/dev/i2c-1") == 0) return ::memfd_create("fake-i2c", MFD_CLOEXEC);
  const auto next = reinterpret_cast<int (*)(const char*, int, ...)>(::dlsym(RTLD_NEXT, function));
  return next(path, flags, mode);
}

mode_t mode_of(int flags, va_list& more) {
  return (flags & (O_CREAT | O_TMPFILE)) != 0 ? static_cast<mode_t>(va_arg(more, unsigned)) : 0;
}

int control(int fd, unsigned long request, void* argument) {
  if (request >= I2C_RETRIES && request <= I2C_SMBUS && bus().is_bus(fd))
    return bus().control(request, argument);
  static const auto next = reinterpret_cast<int (*)(int, unsigned long, ...)>(::dlsym(RTLD_NEXT, "ioctl"));
  return next(fd, request, argument);
}

}  // namespace

extern "C" {

int open(const char* path, int flags, ...) {
  va_list more;
  va_start(more, flags);
  const auto mode = mode_of(flags, more);
  va_end(more);
  return open_as("open", path, flags, mode);
}

int open64(const char* path, int flags, ...) {
  va_list more;
  va_start(more, flags);
  const auto mode = mode_of(flags, more);
  va_end(more);
  return open_as("open64", path, flags, mode);
}

int ioctl(int fd, unsigned long request, ...) noexcept {
  va_list more;
  va_start(more, request);
  void* const argument = va_arg(more, void*);
  va_end(more);
  return control(fd, request, argument);
}

// What ioctl() is called where time_t of 32 bits became one of 64 (armhf).
int __ioctl_time64(int fd, unsigned long request, ...) noexcept {
  va_list more;
  va_start(more, request);
  void* const argument = va_arg(more, void*);
  va_end(more);
  return control(fd, request, argument);
}
}
