// How fast a counter of written bytes grows, over the last day. Pure; one thread at a time.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <optional>

namespace weather::gateway {

class Wear {
 public:
  using Time = std::chrono::steady_clock::time_point;
  // The counter as it stands now. One that went back (a card was swapped) begins anew.
  void note(std::uint64_t written_bytes, Time now);
  // Nothing until a minute has been seen.
  std::optional<double> bytes_per_day() const;

 private:
  struct Sample {
    Time at{};
    std::uint64_t bytes = 0;
  };
  std::deque<Sample> samples_;  // one every ten minutes, of the last day
  Sample last_;
};

}  // namespace weather::gateway
