// The moment a message came in, on every clock that can be had. Decides nothing.
#pragma once

#include <cstdint>

#include "sensors/reading/reading.pb.h"

namespace weather::gateway {

struct Stamp {
  std::int64_t wall_ns = 0;  // unix ns; may be wrong
  std::int64_t boot_ns = 0;  // CLOCK_BOOTTIME
  std::uint64_t boot_id = 0;
  v1::ClockQuality quality = v1::CLOCK_UNKNOWN;
};

// Thread-safe.
class Stamper {
 public:
  virtual ~Stamper() = default;
  virtual Stamp now() = 0;
};

}  // namespace weather::gateway
