// How often something took how long, in fixed buckets, for /metrics. Pure; one thread at a time; cheap to
// copy.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <numeric>

namespace weather::log {

class Histogram {
 public:
  // Upper edges in seconds: from a good disk's flush to a week without a link. Above the last: counted in
  // total() only.
  static constexpr std::array<double, 22> edges{0.0005, 0.001, 0.0025, 0.005, 0.01,  0.025, 0.05, 0.1,
                                                0.25,   0.5,   1,      2.5,   5,     10,    30,   60,
                                                300,    900,   3600,   21600, 86400, 604800};

  // A clock that was set back makes no time negative.
  void add(double seconds, std::uint64_t count = 1) {
    seconds = std::max(0.0, seconds);
    const auto bucket = std::lower_bound(edges.begin(), edges.end(), seconds) - edges.begin();
    counts_[static_cast<std::size_t>(bucket)] += count;
    sum_s_ += seconds * static_cast<double>(count);
  }
  void add(const Histogram& other) {
    for (std::size_t i = 0; i < counts_.size(); ++i) counts_[i] += other.counts_[i];
    sum_s_ += other.sum_s_;
  }
  // How many took at most edges[edge].
  std::uint64_t at_most(std::size_t edge) const {
    return std::accumulate(counts_.begin(), counts_.begin() + static_cast<std::ptrdiff_t>(edge) + 1,
                           std::uint64_t{0});
  }
  std::uint64_t total() const { return at_most(edges.size()); }
  double sum_s() const { return sum_s_; }

 private:
  std::array<std::uint64_t, edges.size() + 1> counts_{};
  double sum_s_ = 0;
};

}  // namespace weather::log
