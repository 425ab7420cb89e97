#include "bridge/oauth/schedule.hpp"

#include <algorithm>

namespace weather::oauth {
namespace {

using Milliseconds = std::chrono::milliseconds;

Milliseconds part_of(Milliseconds time, double share) {
  return Milliseconds(static_cast<std::int64_t>(static_cast<double>(time.count()) * share));
}

}  // namespace

void Schedule::got(Time now, Milliseconds life, double chance) {
  any_ = true;
  failing_ = false;
  retry_ = Milliseconds(0);
  expires_ = now + life;
  due_ =
      now + std::max(part_of(life, pace_.early - pace_.jitter * chance), std::min(life, pace_.first_retry));
}

void Schedule::failed(Time now, double chance) {
  failing_ = true;
  retry_ = retry_.count() == 0 ? pace_.first_retry : std::min(2 * retry_, pace_.longest_retry);
  due_ = now + part_of(retry_, 1 - chance / 2);
}

void Schedule::hurry(Time now) {
  if (now - hurried_ < pause_) return;
  const bool goes_on = pause_.count() > 0 && now - hurried_ < 2 * pause_;
  pause_ = goes_on ? std::min(2 * pause_, pace_.longest_retry) : pace_.between_hurries;
  hurried_ = now;
  due_ = std::min(due_, now);
}

Schedule::State Schedule::state(Time now) const {
  if (any_ && now < expires_) return failing_ ? State::ageing : State::fresh;
  return failing_ ? State::blocked : State::missing;
}

Schedule::Time Schedule::next(Time now) const {
  return any_ && now < expires_ ? std::min(due_, expires_) : due_;
}

Milliseconds Schedule::left(Time now) const {
  return any_ && now < expires_ ? std::chrono::duration_cast<Milliseconds>(expires_ - now) : Milliseconds(0);
}

std::string_view to_string(Schedule::State state) {
  switch (state) {
    case Schedule::State::missing:
      return "missing";
    case Schedule::State::fresh:
      return "fresh";
    case Schedule::State::ageing:
      return "ageing";
    case Schedule::State::blocked:
      return "blocked";
  }
  return {};
}

}  // namespace weather::oauth
