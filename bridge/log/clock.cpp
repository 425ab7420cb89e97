#include "bridge/log/clock.hpp"

namespace weather::log {
namespace {

class SystemClock : public Clock {
 public:
  std::int64_t wall_ns() override {
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    return std::chrono::duration_cast<std::chrono::nanoseconds>(now).count();
  }
  std::chrono::steady_clock::time_point steady() override { return std::chrono::steady_clock::now(); }
};

}  // namespace

Clock& system_clock() {
  static SystemClock clock;
  return clock;
}

}  // namespace weather::log
