// Simulated time: events in the order of their moment, and of their making within one. One thread, no clock
// of the machine, no sleep: the time between two events costs nothing.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <utility>

#include "bridge/log/clock.hpp"

namespace weather::sim {

using Duration = std::chrono::nanoseconds;
inline constexpr std::int64_t first_moment_ns = 1'764'000'000'000'000'000;  // by the brokers' clock

class Loop {
 public:
  using Key = std::pair<std::int64_t, std::uint64_t>;  // moment, order

  // alive: whose call it is; not called once that is false.
  Key after(Duration delay, std::function<void()> call, std::shared_ptr<const bool> alive = nullptr) {
    const Key key{now_ + std::max<std::int64_t>(delay.count(), 0), ++order_};
    events_.emplace(key, Call{std::move(call), std::move(alive)});
    return key;
  }
  void post(std::function<void()> call) { after(Duration(0), std::move(call)); }
  void cancel(const Key& key) { events_.erase(key); }
  void forget_all() { events_.clear(); }

  // The next event; false: there is none before `end`, and it is `end` now.
  bool step(std::int64_t end) {
    const auto first = events_.begin();
    if (first == events_.end() || first->first.first > end) {
      now_ = std::max(now_, end);
      return false;
    }
    now_ = first->first.first;
    const auto event = events_.extract(first);
    ++steps_;
    if (const Call& due = event.mapped(); !due.alive || *due.alive) due.call();
    return true;
  }
  std::int64_t now() const { return now_; }
  std::uint64_t steps() const { return steps_; }

 private:
  struct Call {
    std::function<void()> call;
    std::shared_ptr<const bool> alive;
  };
  std::map<Key, Call> events_;
  std::int64_t now_ = 0;
  std::uint64_t order_ = 0, steps_ = 0;
};

// The log's and the routes' clock: the loop's time, from a fixed day on.
class LoopClock : public log::Clock {
 public:
  explicit LoopClock(const Loop& loop) : loop_(loop) {}
  std::int64_t wall_ns() override { return first_moment_ns + loop_.now() + wrong_ns; }
  std::chrono::steady_clock::time_point steady() override {
    return std::chrono::steady_clock::time_point(std::chrono::hours(1) + Duration(loop_.now()));
  }
  std::int64_t wrong_ns = 0;  // the wall clock may be set

 private:
  const Loop& loop_;
};

}  // namespace weather::sim
