// Where threads wait for the next commit of a group, without a lock that all of them want at once when they
// wake. Opening it wakes one thread, and each that wakes the next: the log thread goes on to its next
// write after a single call, and does not find the cores taken by everybody at once when that is done.
// Thread-safe.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>

namespace weather::log {

class Turnstile {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  // Take the turn first, then look whether there is still something to wait for, then wait.
  std::uint32_t turn() const { return turn_.load(); }
  // Returns when the turnstile was opened after `turn` was taken; may return early. False: the deadline has
  // passed.
  bool wait(std::uint32_t turn, TimePoint deadline);
  void open();

 private:
  void wake_one(std::uint32_t turn);

  std::atomic<std::uint32_t> turn_{0};  // a futex: the kernel knows it by its address
  std::atomic<int> asleep_{0};
};

}  // namespace weather::log
