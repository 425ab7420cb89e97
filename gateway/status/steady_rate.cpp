#include "gateway/status/steady_rate.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace weather::gateway {
namespace {

constexpr double worth_showing = 0.03;
constexpr std::int64_t least_silence_s = 15, pauses = 3;

}  // namespace

std::int64_t SteadyRate::second_of(Time time) {
  return std::chrono::floor<std::chrono::seconds>(time.time_since_epoch()).count();
}

void SteadyRate::roll(Time now) {
  const auto second = second_of(now);
  for (auto next = std::max(now_ + 1, second - seconds + 1); next <= second; ++next) at(next) = 0;
  now_ = std::max(now_, second);
}

void SteadyRate::add(std::uint64_t count, Time now) {
  const auto from = std::exchange(last_, std::max(last_, now));
  roll(last_);
  if (count == 0) return;
  const double span = std::chrono::duration<double>(last_ - from).count();
  if (span <= 0) {
    at(now_) += static_cast<double>(count);
    return;
  }
  const double begin = std::chrono::duration<double>(from.time_since_epoch()).count(), end = begin + span;
  for (auto second = std::max(second_of(from), now_ - seconds + 1); second <= now_; ++second) {
    const auto first = static_cast<double>(second);
    const double part = std::min(end, first + 1) - std::max(begin, first);
    if (part > 0) at(second) += static_cast<double>(count) * part / span;
  }
}

// Of the whole seconds, the one a minute ago weighs most: a minute's mean, averaged over a minute.
double SteadyRate::mean() const {
  double sum = 0, weights = 0;
  for (auto second = std::max(begin_, now_ - seconds + 1); second < now_; ++second) {
    const auto age = now_ - 1 - second;
    const auto weight = static_cast<double>(age < minute ? age + 1 : seconds - 1 - age);
    sum += weight * counts_[static_cast<std::size_t>(second % seconds)];
    weights += weight;
  }
  return weights > 0 ? sum / weights : 0;
}

bool SteadyRate::has_stopped() const {
  std::int64_t last = 0, longest = 0;
  for (auto second = std::max(begin_ - 1, now_ - seconds + 1); second <= now_; ++second) {
    if (counts_[static_cast<std::size_t>(second % seconds)] <= 0) continue;
    if (last != 0) longest = std::max(longest, second - last);
    last = second;
  }
  if (last == 0) return true;
  return longest != 0 && now_ - last > std::max(least_silence_s, pauses * longest);
}

double SteadyRate::per_second(Time now) {
  roll(now);
  const double rate = has_stopped() ? 0 : mean();
  if (rate == 0 || shown_ == 0 || std::abs(rate - shown_) > worth_showing * shown_) shown_ = rate;
  return shown_;
}

}  // namespace weather::gateway
