// What a rain counter says fell between two readings. Pure; one thread at a time.
//
// A counter that goes down is not always a reset: a radio glitch of 115 -> 49 -> 115 must not rain 66 mm. It
// is one only if the new value is nearly zero, if it wrapped at its modulus, or if the next reading confirms
// it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>

namespace weather::sensors {

struct RainStep {
  std::optional<double> fallen_mm;  // unknown for the first reading and for one that waits for confirmation
  std::uint32_t qc = 0;             // QC_COUNTER_RESET, QC_STEP
};

struct RainRules {
  double nearly_zero_mm = 2;     // a reset counter says at most this
  double largest_step_mm = 150;  // more between two readings is doubtful, and not counted until confirmed
  double modulus_mm = 0;         // where the counter starts again; 0: never
};

class RainCounter {
 public:
  explicit RainCounter(RainRules rules = {}) : rules_(rules) {}
  RainStep step(double counter_mm);

 private:
  RainStep confirmed(double counter_mm);

  RainRules rules_;
  std::optional<double> last_, candidate_;
};

}  // namespace weather::sensors
