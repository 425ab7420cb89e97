#include "gateway/simulate/timeline.hpp"

#include <algorithm>
#include <cmath>

namespace weather::gateway {

Timeline::Span Timeline::span(std::size_t from, std::size_t to) const {
  Span result;
  to = std::min(to, seconds_.size());
  if (from >= to) return result;
  double cpu = 0;
  std::size_t cpu_seconds = 0;
  for (auto i = from; i < to; ++i) {
    const auto& second = seconds_[i];
    result.records_per_s += static_cast<double>(second.confirmed);
    result.requests_per_s += static_cast<double>(second.requests);
    result.bytes_per_s += static_cast<double>(second.bytes);
    result.round_trip_p99_s = std::max(result.round_trip_p99_s, second.round_trip_p99_s);
    result.peak_records_per_s = std::max(result.peak_records_per_s, second.confirmed);
    if (!second.broker_cpu) continue;
    cpu += *second.broker_cpu;
    ++cpu_seconds;
    result.broker_cpu_peak = std::max(result.broker_cpu_peak.value_or(0), *second.broker_cpu);
  }
  const auto count = static_cast<double>(to - from);
  result.records_per_s /= count;
  result.requests_per_s /= count;
  result.bytes_per_s /= count;
  if (cpu_seconds > 0) result.broker_cpu = cpu / static_cast<double>(cpu_seconds);
  return result;
}

std::optional<double> Timeline::back_after(std::size_t from, double share) const {
  // The link is restored some time within a second: who came back in what is left of it was at once.
  std::uint64_t all = 0, back = 0;
  for (std::size_t i = 0; i < seconds_.size(); ++i) {
    all += seconds_[i].back;
    if (i < from) back += seconds_[i].back;
  }
  if (all == 0) return std::nullopt;
  const auto wanted = static_cast<std::uint64_t>(std::ceil(share * static_cast<double>(all)));
  for (auto i = from; i < seconds_.size(); ++i) {
    back += seconds_[i].back;
    if (back >= std::max<std::uint64_t>(wanted, 1)) return static_cast<double>(i - from + 1);
  }
  return std::nullopt;
}

std::uint64_t Timeline::most_back_in_one_second(std::size_t from) const {
  std::uint64_t most = 0;
  for (auto i = from; i < seconds_.size(); ++i) most = std::max(most, seconds_[i].back);
  return most;
}

std::optional<std::size_t> Timeline::drained_after(std::size_t from, std::uint64_t usual_waiting) const {
  for (auto i = from; i < seconds_.size(); ++i)
    if (seconds_[i].waiting <= usual_waiting) return i - from + 1;
  return std::nullopt;
}

}  // namespace weather::gateway
