// Preloaded before umockdev's library, for a program with jemalloc: that reads /etc/malloc.conf while it
// starts, and umockdev's readlink() opens libc the first time, which allocates, which waits for jemalloc's
// start for ever.
#include <cstring>

#include <dlfcn.h>
#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

extern "C" ssize_t readlink(const char* path, char* to, size_t size) noexcept {
  if (std::strcmp(path, "/etc/malloc.conf") == 0) return syscall(SYS_readlinkat, AT_FDCWD, path, to, size);
  using Readlink = ssize_t (*)(const char*, char*, size_t);
  static const auto next = reinterpret_cast<Readlink>(dlsym(RTLD_NEXT, "readlink"));
  return next(path, to, size);
}
