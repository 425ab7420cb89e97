#include "sensors/sources/waiting_readings.hpp"

#include <algorithm>
#include <utility>

namespace weather::sensors {
namespace {

constexpr std::int64_t rest_after_refusal_ns = 500'000'000;

}  // namespace

void WaitingReadings::add(Reading reading) {
  waiting_.push_back(std::move(reading));
  for (; waiting_.size() > most; waiting_.pop_front()) ++given_up_;
}

bool WaitingReadings::store(std::int64_t now_ns) {
  if (waiting_.empty() || now_ns < refused_until_ns_) return false;
  while (!waiting_.empty()) {
    const auto ticket = sink_.store({waiting_.front()}, Waits::no);
    if (!ticket) {
      refused_until_ns_ = now_ns + rest_after_refusal_ns;
      ++refused_;
      last_error_ = ticket.error().message();
      return false;
    }
    last_ = std::max(last_, *ticket);
    waiting_.pop_front();
  }
  return true;
}

std::optional<std::int64_t> WaitingReadings::due_ns() const {
  return waiting_.empty() ? std::nullopt : std::optional(refused_until_ns_);
}

}  // namespace weather::sensors
