// For LD_PRELOAD: the wall clock of one program is wrong by as many seconds as the file WRONG_CLOCK_FILE
// says, and is set when that file is written. WRONG_BOOT_FILE holds the boot's id, and since when the boot
// clock counts: seconds that are added to it. Other clocks stay right.
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>

#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

namespace {

// The number `word` of the file that a variable names, from 0; 0 if there is none. By system calls alone: the
// clock is asked by those who hold locks of the allocator, of stdio or of the loader, and between fork and
// exec.
long long number_in(const char* variable, int word) {
  const char* name = std::getenv(variable);
  const auto file =
      name == nullptr ? -1 : static_cast<int>(::syscall(SYS_openat, AT_FDCWD, name, O_RDONLY | O_CLOEXEC));
  if (file < 0) return 0;
  char text[128] = {};
  const auto length = ::syscall(SYS_read, file, text, sizeof text - 1);
  ::syscall(SYS_close, file);
  if (length <= 0) return 0;
  const char* at = text;
  for (; word > 0; --word) at += std::strcspn(at, " \n"), at += std::strspn(at, " \n");
  return std::strtoll(at, nullptr, 10);
}

long long offset_s() {
  return number_in("WRONG_CLOCK_FILE", 0);
}

constexpr const char* boot_id_path = "/proc/sys/kernel/random/boot_id";

long long boot_offset_s() {
  return number_in("WRONG_BOOT_FILE", 1);
}

using Open = FILE* (*)(const char*, const char*);

FILE* open_as(Open next, const char* path, const char* mode) {
  const char* boot = std::getenv("WRONG_BOOT_FILE");
  return next(boot != nullptr && std::strcmp(path, boot_id_path) == 0 ? boot : path, mode);
}

}  // namespace

extern "C" {

// What std::ifstream opens with: the first with g++ 12, the second with g++ 14.
FILE* fopen64(const char* path, const char* mode) {
  static const auto next = reinterpret_cast<Open>(::dlsym(RTLD_NEXT, "fopen64"));
  return open_as(next, path, mode);
}
FILE* fopen(const char* path, const char* mode) {
  static const auto next = reinterpret_cast<Open>(::dlsym(RTLD_NEXT, "fopen"));
  return open_as(next, path, mode);
}

int clock_gettime(clockid_t clock, struct timespec* now) noexcept {
  const auto result = static_cast<int>(::syscall(SYS_clock_gettime, clock, now));
  if (result == 0 && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)) now->tv_sec += offset_s();
  if (result == 0 && clock == CLOCK_BOOTTIME) now->tv_sec += boot_offset_s();
  return result;
}

int gettimeofday(struct timeval* now, void*) noexcept {
  timespec exact{};
  ::clock_gettime(CLOCK_REALTIME, &exact);
  now->tv_sec = exact.tv_sec;
  now->tv_usec = exact.tv_nsec / 1000;
  return 0;
}

// A time by the wrong clock is waited for by the right one, or a clock that is ahead would wait for hours.
// What is far from the present is of another clock.
int pthread_cond_timedwait(pthread_cond_t* condition, pthread_mutex_t* mutex, const struct timespec* until) {
  using Wait = int (*)(pthread_cond_t*, pthread_mutex_t*, const struct timespec*);
  static const auto next = [] {
    void* found =
        ::dlvsym(RTLD_NEXT, "pthread_cond_timedwait", "GLIBC_2.3.2");  // not the one of LinuxThreads
    return reinterpret_cast<Wait>(found != nullptr ? found : ::dlsym(RTLD_NEXT, "pthread_cond_timedwait"));
  }();
  timespec right = *until;
  constexpr time_t in_2001 = 1'000'000'000;
  const auto ahead = static_cast<time_t>(offset_s());
  if (ahead > 0 && right.tv_sec > in_2001) right.tv_sec -= ahead;
  return next(condition, mutex, &right);
}

time_t time(time_t* now) noexcept {
  timespec exact{};
  ::clock_gettime(CLOCK_REALTIME, &exact);
  if (now != nullptr) *now = exact.tv_sec;
  return exact.tv_sec;
}
}
