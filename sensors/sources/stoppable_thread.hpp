// A thread of a source that waits on descriptors, and what wakes it when it is to end. start() and stop() on
// one thread; the others on any.
#pragma once

#include <atomic>
#include <cerrno>
#include <system_error>
#include <thread>
#include <utility>

#include <sys/eventfd.h>
#include <unistd.h>

#include "sensors/sources/owned_file.hpp"

namespace weather::sensors {

class StoppableThread {
 public:
  // Throws std::system_error if there is no descriptor left.
  StoppableThread() : wake_(::eventfd(0, EFD_CLOEXEC)) {
    if (wake_.get() < 0) throw std::system_error(errno, std::generic_category(), "eventfd");
  }

  template <class Run>
  void start(Run run) {
    if (!thread_.joinable()) thread_ = std::thread(std::move(run));
  }
  // Waits until it has ended.
  void stop() {
    if (!thread_.joinable()) return;
    stopping_ = true;
    const std::uint64_t one = 1;
    (void)!::write(wake_.get(), &one, sizeof one);
    thread_.join();
  }

  const std::atomic<bool>& stopping() const { return stopping_; }
  int descriptor() const { return wake_.get(); }  // can be read once it is to end

 private:
  OwnedFile wake_;
  std::atomic<bool> stopping_ = false;
  std::thread thread_;
};

}  // namespace weather::sensors
