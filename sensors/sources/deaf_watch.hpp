// When a program that should have something to say has said nothing for so long that it is to be started
// anew: a radio receiver goes deaf after days, and runs on. Pure.
#pragma once

#include <chrono>

namespace weather::sensors {

class DeafWatch {
 public:
  using Time = std::chrono::steady_clock::time_point;
  // 0: never deaf.
  DeafWatch(std::chrono::milliseconds after, Time now) : after_(after), since_(now) {}

  void heard(Time now) { since_ = now; }
  // True: it is to be started anew, now; and again after the same time without a word. Times must not go
  // back.
  bool is_deaf(Time now) {
    if (after_.count() == 0 || now - since_ < after_) return false;
    since_ = now;
    return true;
  }

 private:
  std::chrono::milliseconds after_;
  Time since_;
};

}  // namespace weather::sensors
