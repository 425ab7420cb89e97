// The most pulses in any span of a length: the gust of an anemometer. The span slides over the pulses, it is
// not aligned to anything; its end does not belong to it. Pure; one thread at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace weather::sensors {

class BusiestSpan {
 public:
  explicit BusiestSpan(std::int64_t span_ns) : span_ns_(span_ns) {}

  // Pulses may come out of order by as much as a span.
  void add(std::int64_t time_ns);
  std::uint64_t most();
  void clear();

 private:
  void look();

  std::int64_t span_ns_;
  std::vector<std::int64_t> times_;
  std::uint64_t most_ = 0;
  std::size_t look_at_ = 0;  // this many times: what is older than a span before the newest is not needed
};

}  // namespace weather::sensors
