#include "sensors/quality/rain.hpp"

#include "sensors/reading/number.hpp"
#include "sensors/reading/reading.pb.h"

namespace weather::sensors {
namespace {

double difference(double a, double b) {
  return round_significant(a - b, 10);  // 335.4 - 335.1 is 0.3
}

}  // namespace

RainStep RainCounter::step(double counter_mm) {
  if (!last_) {
    last_ = counter_mm;
    return {};
  }
  const double up = difference(counter_mm, *last_);
  if (up >= 0 && up <= rules_.largest_step_mm) {
    last_ = counter_mm;
    candidate_.reset();
    return {up, 0};
  }
  if (candidate_) return confirmed(counter_mm);
  const double wrapped = difference(counter_mm + rules_.modulus_mm, *last_);
  if (up < 0 && rules_.modulus_mm > 0 && wrapped >= 0 && wrapped <= rules_.largest_step_mm) {
    last_ = counter_mm;
    return {wrapped, v1::QC_COUNTER_RESET};
  }
  if (up < 0 && counter_mm <= rules_.nearly_zero_mm) {
    last_ = counter_mm;
    return {counter_mm, v1::QC_COUNTER_RESET};
  }
  candidate_ = counter_mm;
  return {std::nullopt, v1::QC_STEP};
}

// The reading before did not follow from what was known; this one follows from that one, or not either.
RainStep RainCounter::confirmed(double counter_mm) {
  const double up = difference(counter_mm, *candidate_);
  candidate_ = counter_mm;
  if (up < 0 || up > rules_.largest_step_mm) return {std::nullopt, v1::QC_STEP};
  last_ = counter_mm;
  candidate_.reset();
  return {up, v1::QC_COUNTER_RESET};
}

}  // namespace weather::sensors
