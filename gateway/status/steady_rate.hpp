// How many a second, for people: a number that stays where it is while nothing changes. Pure; one thread.
//
// The rule: the mean of a minute, averaged over the minute before it, so that whatever comes in bursts every
// 1, 2, 3, 5, 10, 15, 20, 30 or 60 s has one rate. It is shown anew when it has moved by 3 %. When nothing
// came for three times the longest pause of those two minutes, and for 15 s at least, it is 0 at once.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>

namespace weather::gateway {

class SteadyRate {
 public:
  using Time = std::chrono::steady_clock::time_point;
  explicit SteadyRate(Time now) : since_(now) {}

  // So many since the last call: spread evenly over that time.
  void add(std::uint64_t count, Time now);
  double per_second(Time now);

 private:
  static constexpr std::int64_t minute = 60, seconds = 2 * minute;
  static std::int64_t second_of(Time time);
  double& at(std::int64_t second) { return counts_[static_cast<std::size_t>(second % seconds)]; }
  void roll(Time now);
  double mean() const;
  bool has_stopped() const;

  const Time since_;
  Time last_ = since_;                          // add() was called
  std::int64_t now_ = second_of(since_);        // the second that runs
  std::int64_t begin_ = second_of(since_) + 1;  // the first whole one
  std::array<double, seconds> counts_{};        // by second, the one that runs included
  double shown_ = 0;
};

}  // namespace weather::gateway
