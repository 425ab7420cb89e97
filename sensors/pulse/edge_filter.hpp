// Edges of a line, as the kernel tells them, to pulses. Pure; one thread at a time.
//
// The kernel numbers the edges of a line from 1 on and drops the oldest if they are not read in time
// (struct gpio_v2_line_event in linux/gpio.h). A gap in the numbers says how many: they are pulses too,
// spread evenly over the gap. An edge whose number was passed has been counted that way and is none again.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

namespace weather::sensors {

struct LineEdge {
  std::int64_t time_ns = 0;  // CLOCK_MONOTONIC
  bool rising = false;       // from inactive to active
  std::uint32_t number = 0;  // of this line, from 1 on since it was requested
};

enum class CountedEdge : std::uint8_t { rising, falling, both };

// One at a moment (from_ns is to_ns), or so many that were somewhere between.
struct Pulses {
  std::int64_t from_ns = 0, to_ns = 0;
  std::uint64_t count = 0;
  friend bool operator==(const Pulses&, const Pulses&) = default;
};

struct EdgeCounts {
  std::uint64_t bounced = 0;  // edges that were none, because the level did not stay
  std::uint64_t dropped = 0;  // edges that the kernel dropped
};

class EdgeFilter {
 public:
  // debounce_ns 0: it is given the counted edges only, and each is a pulse. Else it is given all edges, and a
  // level counts once it has stayed for that long, as the kernel's own debouncing has it.
  explicit EdgeFilter(CountedEdge counted = CountedEdge::falling, std::int64_t debounce_ns = 0)
      : counted_(counted), debounce_ns_(debounce_ns) {}

  // Appends the pulses that are certain now.
  void take(const LineEdge& edge, std::vector<Pulses>& pulses);
  // All edges up to now have been taken: a level that has stayed is one.
  void settle(std::int64_t now_ns, std::vector<Pulses>& pulses);
  std::optional<std::int64_t> settles_at() const;  // when settle() may have something
  const EdgeCounts& counts() const { return counts_; }

 private:
  std::uint64_t dropped_before(const LineEdge& edge);
  std::uint64_t pulses_of(std::uint64_t dropped, std::int64_t gap_ns) const;
  bool counts(bool rising) const;

  CountedEdge counted_;
  std::int64_t debounce_ns_;
  std::uint32_t last_number_ = 0;
  std::optional<std::int64_t> last_ns_;
  bool level_ = false;         // after the last edge
  bool pending_ = false;       // ... which has not stayed long enough yet
  std::optional<bool> stays_;  // the level that stayed last
  EdgeCounts counts_;
};

}  // namespace weather::sensors
