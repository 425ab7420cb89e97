// What a source withholds an acknowledgement for: a moment in the order in which the sink makes things safe.
#pragma once

#include <compare>
#include <cstdint>

namespace weather::sensors {

// Of what was stored: the last sequence. Of what the sink gave up and counted (a log that is full and drops
// what is newest): the sequence before it, and how many it has given up in all. Zero: nothing to wait for.
struct Ticket {
  Ticket(std::uint64_t last = 0, std::uint64_t given_up = 0) : sequence(last), refused(given_up) {}
  std::uint64_t sequence = 0, refused = 0;
  auto operator<=>(const Ticket&) const = default;
};

}  // namespace weather::sensors
