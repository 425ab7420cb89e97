#include "bridge/log/commit_schedule.hpp"

#include <algorithm>

namespace weather::log {

void CommitSchedule::failed(TimePoint now) {
  constexpr std::chrono::milliseconds first{1000}, last{10000};
  backoff_ = std::clamp(backoff_ * 2, first, last);
  retry_at_ = now + backoff_;
}

}  // namespace weather::log
