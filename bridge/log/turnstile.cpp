#include "bridge/log/turnstile.hpp"

#include <cerrno>
#include <climits>
#include <ctime>

#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace weather::log {
namespace {

// Where time_t is wider than the word of the machine (armhf since Debian 13), so is the kernel's timespec.
#ifdef SYS_futex_time64
constexpr long futex_call = sizeof(time_t) > sizeof(long) ? SYS_futex_time64 : SYS_futex;
#else
constexpr long futex_call = SYS_futex;
#endif

// futex(2) on a word of this process alone, for those who sleep on this value of it.
long futex(std::atomic<std::uint32_t>& word, int operation, std::uint32_t value, const timespec* until,
           std::uint32_t turn) {
  static_assert(sizeof word == sizeof(std::uint32_t));
  return ::syscall(futex_call, &word, operation | FUTEX_PRIVATE_FLAG, value, until, nullptr,
                   std::uint32_t{1} << (turn % 32U));
}

// steady_clock is CLOCK_MONOTONIC, which FUTEX_WAIT_BITSET takes as an absolute time.
timespec absolute(Turnstile::TimePoint time) {
  const auto all = std::chrono::nanoseconds(time.time_since_epoch()).count();
  return {static_cast<time_t>(all / 1'000'000'000), static_cast<long>(all % 1'000'000'000)};
}

}  // namespace

bool Turnstile::wait(std::uint32_t turn, TimePoint deadline) {
  const auto until = absolute(deadline);
  ++asleep_;
  const bool in_time = futex(turn_, FUTEX_WAIT_BITSET, turn, &until, turn) == 0 || errno != ETIMEDOUT;
  --asleep_;
  if (turn_.load() != turn) wake_one(turn);
  return in_time;
}

void Turnstile::open() {
  wake_one(turn_++);
}

void Turnstile::wake_one(std::uint32_t turn) {
  if (asleep_ > 0) futex(turn_, FUTEX_WAKE_BITSET, 1, nullptr, turn);
}

}  // namespace weather::log
